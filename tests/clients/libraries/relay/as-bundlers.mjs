// Finds `CaseListPage.graphql` in `CaseListPage.graphql.js`.
export const resolve = (name, context, next) => next(name.endsWith(".graphql") ? `${name}.js` : name, context);
