// An OpenID provider on a free port of this machine that signs its one person in without asking.
// `node provider.mjs AUDIENCE REDIRECT_URI` prints its address on a line of its own once it answers.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const [audience, redirectUri] = process.argv.slice(2);
const person = { sub: 'u-17', name: 'Ans de Vries' };
const privateKey = (...kind) => generateKeyPairSync(...kind).privateKey.export({ format: 'jwk' });

const configuration = {
  clients: [{
    client_id: 'console',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }],
  cookies: { keys: [randomBytes(32).toString('hex')] },
  jwks: {
    keys: [
      { ...privateKey('rsa', { modulusLength: 2048 }), use: 'sig', kid: 'identity' },
      { ...privateKey('ec', { namedCurve: 'P-256' }), use: 'sig', kid: 'access' },
    ],
  },
  claims: { openid: ['sub'], profile: ['name'] },
  findAccount: (context, id) => ({ accountId: id, claims: () => ({ ...person, sub: id }) }),
  extraTokenClaims: () => ({ name: person.name }),
  interactions: { url: (context, interaction) => `/sign-in/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        audience,
        scope: 'zones',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 300,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
};

async function signIn(provider, request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: person.sub, clientId: params.client_id });
  grant.addOIDCScope('openid profile');
  grant.addResourceScope(audience, 'zones');
  const result = { login: { accountId: person.sub }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result);
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, configuration);
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/sign-in/')) {
      answer(request, response);
      return;
    }
    signIn(provider, request, response).catch((error) => {
      response.writeHead(400).end(String(error));
    });
  });
  console.log(url);
});
