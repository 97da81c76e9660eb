// Mercurius with its JIT, unprotected: `loaders` asks for each relation once a request, `join` answers by one query.
//
//   node mercurius.mjs loaders|join <port> <database address>

import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const [shape, port, address] = process.argv.slice(2);
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
const pool = new pg.Pool({ connectionString: address, max: 16 });
const rows = async (name, text, values = []) => (await pool.query({ name, text, values })).rows;

const schema = `
  type Query { focusedCheckTargets(first: Int = 20): Cases!  subject(id: ID!): Subject }
  type Cases { pageInfo: PageInfo!  nodes: [Case!]! }
  type PageInfo { hasNextPage: Boolean!  endCursor: String }
  type Case { id: ID!  circumstance: String!  publishedOn: String!  endsOn: String!  facts: String!
              department: Department!  subject: Subject! }
  type Department { name: String! }
  type Area { name: String! }
  type Subject { id: ID!  name: String!  identifier: String!  area: Area!  restraintCases(first: Int = 5): Cases! }
`;
const CASE = `c.case_id AS id, c.circumstance, c.published_on AS "publishedOn", c.ends_on AS "endsOn", c.facts`;
const IN_FORCE = "c.published_on <= CURRENT_DATE AND c.ends_on >= CURRENT_DATE";
const ORDER = "ORDER BY c.published_on DESC, c.case_id";

function connection(found, first) {
  const nodes = found.slice(0, first);
  return { pageInfo: { hasNextPage: found.length > first, endCursor: nodes.at(-1)?.id }, nodes };
}

const loading = {
  resolvers: {
    Query: {
      focusedCheckTargets: async (_, { first }) => connection(await rows("page", `SELECT ${CASE},
        c.subject_id, c.department_code FROM plain_cases c WHERE c.sector_code = 'market' AND ${IN_FORCE}
        ${ORDER} LIMIT $1`, [first + 1]), first),
      subject: async (_, { id }) => (await rows("subject", `SELECT subject_id AS id, name, identifier, area_code
        FROM plain_subjects WHERE subject_id = $1`, [id]))[0],
    },
    Subject: {
      restraintCases: async ({ id }, { first }) => connection(await rows("cases", `SELECT ${CASE}, c.subject_id,
        c.department_code FROM plain_cases c WHERE c.subject_id = $1 AND ${IN_FORCE} ${ORDER} LIMIT $2`,
        [id, first + 1]), first),
    },
  },
  loaders: {
    Case: {
      subject: (asked) => each("subjects", `SELECT subject_id AS key, subject_id AS id, name, identifier, area_code
        FROM plain_subjects WHERE subject_id = ANY($1::uuid[])`, asked.map(({ obj }) => obj.subject_id)),
      department: (asked) => each("departments", `SELECT code AS key, name FROM plain_departments
        WHERE code = ANY($1)`, asked.map(({ obj }) => obj.department_code)),
    },
    Subject: {
      area: (asked) => each("areas", "SELECT code AS key, name FROM plain_areas WHERE code = ANY($1)",
        asked.map(({ obj }) => obj.area_code)),
    },
  },
};

async function each(name, text, keys) {
  const found = new Map((await rows(name, text, [[...new Set(keys)]])).map((row) => [row.key, row]));
  return keys.map((key) => found.get(key));
}

const joining = {
  resolvers: {
    Query: {
      focusedCheckTargets: async (_, { first }) => connection((await rows("page", `SELECT ${CASE}, d.name AS department,
        s.subject_id, s.name, s.identifier, a.name AS area
        FROM plain_cases c JOIN plain_departments d ON d.code = c.department_code
        JOIN plain_subjects s ON s.subject_id = c.subject_id JOIN plain_areas a ON a.code = s.area_code
        WHERE c.sector_code = 'market' AND ${IN_FORCE} ${ORDER} LIMIT $1`, [first + 1])).map((row) => ({
        id: row.id, circumstance: row.circumstance, publishedOn: row.publishedOn, endsOn: row.endsOn, facts: row.facts,
        department: { name: row.department },
        subject: { id: row.subject_id, name: row.name, identifier: row.identifier, area: { name: row.area } },
      })), first),
      subject: async (_, { id }) => {
        const found = await rows("subject", `SELECT ${CASE}, s.subject_id, s.name, s.identifier
          FROM plain_subjects s JOIN plain_cases c ON c.subject_id = s.subject_id
          WHERE s.subject_id = $1 AND ${IN_FORCE} ${ORDER} LIMIT 5`, [id]);
        const [{ subject_id, name, identifier }] = found;
        return { id: subject_id, name, identifier, restraintCases: connection(found, 5) };
      },
    },
  },
};

const app = Fastify();
app.register(mercurius, { schema, jit: 1, ...(shape === "join" ? joining : loading) });
app.get("/readyz", async () => "ready");
await app.listen({ port: Number(port), host: "127.0.0.1" });
