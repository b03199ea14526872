import { failure } from '../../diagnostics/index.ts'
import type { RegistryCredentials } from '../../oci/credentials.ts'
import { basicOf, requestToken, unauthorized } from './authorization.ts'
import { parseChallenges } from './challenge.ts'
import { Connections, type RegistryClientOptions } from './connections.ts'
import type { Endpoint } from './endpoint.ts'
import { registryPlace } from './settings/places.ts'
import type { Answer } from './wire/transport.ts'

/**
 * Shows credentials to a registry, `docker.io` or `localhost:5000`, and gives what is to be kept of them: a token in the stead of
 * the password where the registry has such. Raises REGISTRY_UNAUTHORIZED, REGISTRY_UNREACHABLE, REGISTRY_BUSY,
 * REGISTRY_ANSWER.
 */
export async function logIn(
  domain: string,
  credentials: RegistryCredentials,
  options: Omit<RegistryClientOptions, 'credentials'> = {},
): Promise<RegistryCredentials> {
  const connections = new Connections({ ...options, credentials: async () => credentials })
  const endpoint = await connections.endpoint(registryPlace(domain, await connections.settings()))
  const asked = await endpoint.request('/v2/')
  await asked.discard()
  // One that is open lets everybody in.
  if (asked.isOk) return credentials
  if (asked.status !== 401) throw noRegistry(endpoint, asked)
  const challenges = parseChallenges(asked.headers['www-authenticate'] ?? '')
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  const granted = bearer && (await requestToken(bearer, endpoint, credentials, [], true))
  const authorization = granted === undefined ? basicOf(credentials) : `Bearer ${granted.token}`
  if (authorization === undefined) throw unauthorized(domain)
  const answer = await endpoint.request('/v2/', { headers: { authorization } })
  await answer.discard()
  if (answer.status === 401 || answer.status === 403) throw unauthorized(domain)
  if (!answer.isOk) throw noRegistry(endpoint, answer)
  const identitytoken = granted?.refreshToken ?? credentials.identitytoken
  return identitytoken === undefined ? credentials : { ...credentials, identitytoken }
}

function noRegistry({ place }: Endpoint, { status }: Answer): Error {
  return failure({
    kind: 'unavailable',
    code: 'REGISTRY_ANSWER',
    summary: `"${place.host}" does not answer as a registry`,
    detail: `GET /v2/ is answered with ${status}`,
  })
}
