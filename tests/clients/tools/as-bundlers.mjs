// Finds `./gql/graphql` in `./gql/graphql.js`.
export const resolve = (name, context, next) => next(/^\.\.?\/[^.]*$/.test(name) ? `${name}.js` : name, context);
