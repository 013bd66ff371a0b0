// A certified OpenID provider for the tests, on a port of its own. Who signs in as NAME has the address NAME,
// verified unless the name begins with "unverified-". Prints its issuer once it listens.
//
//   node provider.mjs '{"redirect_uri": "http://…/sign-on", "client_secret": "…", "auth_method": "…"}'
import http from "node:http";
import { Provider } from "oidc-provider";

const wish = JSON.parse(process.argv[2]);
// Ends with whoever started it.
process.stdin.resume().on("end", () => process.exit());
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "onefold",
        client_secret: wish.client_secret,
        redirect_uris: [wish.redirect_uri],
        token_endpoint_auth_method: wish.auth_method ?? "client_secret_basic",
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: wish.claims_apart ?? true,
    pkce: { required: () => true },
    cookies: { keys: ["only for tests"] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: id.replace(/^unverified-/, ""),
        email_verified: !id.startsWith("unverified-"),
        name: "Ada Lovelace",
      }),
    }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
