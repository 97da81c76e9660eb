// What GraphiQL uses of Prettier, as one module: documents of GraphQL, and JSON with comments.
import * as babel from 'prettier/plugins/babel';
import * as estree from 'prettier/plugins/estree';
import * as graphql from 'prettier/plugins/graphql';

export { format } from 'prettier/standalone';
export const parsers = { ...babel.parsers, ...graphql.parsers };
export const printers = { ...estree.printers, ...graphql.printers };
