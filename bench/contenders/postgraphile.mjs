// PostGraphile 5, unprotected, over the plain tables and one function for the page.
//
//   node postgraphile.mjs <port> <database address>

import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [port, address] = process.argv.slice(2);
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: address, schemas: ["public"], poolConfig: { max: 16 } })],
  grafserv: { graphqlPath: "/graphql", graphiql: false, graphqlOverGET: false, watch: false },
  grafast: { explain: false },
});
const served = instance.createServ(grafserv);
const server = createServer();
await served.addTo(server);
server.listen(Number(port), "127.0.0.1");
