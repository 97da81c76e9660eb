// node provider.mjs ACCOUNTS.json: serves an OpenID Connect provider (npm `oidc-provider`) on a free port of this
// machine, with its own login and consent pages, and prints its issuer. ACCOUNTS.json: {account: claims of its tokens}.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const accounts = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const REDIRECT = 'http://127.0.0.1/callback';
// Each resource is what a client may ask a token for [RFC 8707]; `audience` is what the token then states.
const RESOURCES = {
  'https://gateway.example/': { audience: 'chengxin', accessTokenTTL: 300 },
  'https://gateway.example/briefly': { audience: 'chengxin', accessTokenTTL: 1 },
  'https://elsewhere.example/': { audience: 'elsewhere', accessTokenTTL: 300 },
};
const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
const key = { ...(await crypto.subtle.exportKey('jwk', privateKey)), alg: 'ES256', use: 'sig', kid: 'login-1' };
delete key.key_ops;
delete key.ext;

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'front-end',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        redirect_uris: [REDIRECT],
        id_token_signed_response_alg: 'ES256',
      },
      {
        client_id: 'gateway',
        client_secret: 'secret of: the gateway+1',
        redirect_uris: ['https://gateway.example/login/callback'],
        post_logout_redirect_uris: ['https://gateway.example/logout'],
        grant_types: ['authorization_code', 'refresh_token'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['for-tests-only'] },
    scopes: ['openid', 'identity'],
    findAccount: (_, id) => id in accounts && { accountId: id, claims: () => ({ sub: id }) },
    extraTokenClaims: (_, token) => accounts[token.accountId],
    // A gateway renews its sessions; a real provider may ask for the scope offline_access first.
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    features: {
      devInteractions: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'identity',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
          ...RESOURCES[resource],
        }),
      },
    },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
