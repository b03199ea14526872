import { failure } from '../../diagnostics/index.ts'
import type { CredentialSource, RegistryCredentials } from '../../oci/credentials.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { type Endpoint, isLoopback } from './endpoint.ts'

/**
 * The `Authorization` header that a refused request is to be repeated with, by the registry's own challenge: Basic, or a
 * token of the distribution specification. Raises REGISTRY_UNAUTHORIZED when there is no way to get one.
 */
export async function authorize(
  refused: Response,
  domain: string,
  endpoint: Endpoint,
  source: CredentialSource,
): Promise<string> {
  const challenges = parseChallenges(refused.headers.get('www-authenticate') ?? '')
  const credentials = await source(domain)
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  if (bearer) return `Bearer ${await fetchToken(bearer, domain, endpoint, credentials)}`
  const basic = challenges.some(({ scheme }) => scheme === 'basic') ? basicOf(credentials) : undefined
  if (basic === undefined) throw unauthorized(domain)
  return basic
}

/** The error for a registry that lets nobody in with what there is. */
export function unauthorized(domain: string, detail?: string): Error {
  return failure({
    kind: 'unauthorized',
    code: 'REGISTRY_UNAUTHORIZED',
    summary: `the registry "${domain}" refuses access`,
    ...(detail === undefined ? {} : { detail }),
    hint: `check the name, or log in: docker login ${domain === 'docker.io' ? '' : domain}`.trimEnd(),
  })
}

async function fetchToken(
  { parameters }: Challenge,
  domain: string,
  endpoint: Endpoint,
  credentials: RegistryCredentials | undefined,
): Promise<string> {
  const realm = realmOf(parameters['realm'], domain)
  const { service, scope } = parameters
  const form = new URLSearchParams({ ...(service ? { service } : {}), ...(scope ? { scope } : {}) })
  const response = credentials?.identitytoken
    ? await exchange(realm, form, credentials.identitytoken, endpoint)
    : await askFor(realm, form, basicOf(credentials), endpoint)
  if (response.status === 401 || response.status === 403) throw unauthorized(domain)
  const answer: unknown = response.ok ? await response.json().catch(() => undefined) : undefined
  const { token, access_token } = (answer ?? {}) as {
    readonly token?: unknown
    readonly access_token?: unknown
  }
  const given = token ?? access_token
  if (typeof given === 'string' && given !== '') return given
  throw unauthorized(domain, `${realm.origin} answered ${response.status} and gave no token`)
}

/** Names and passwords must not go out in the clear because a registry says so. */
function realmOf(text: string | undefined, domain: string): URL {
  const realm = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  const isLocal = realm?.protocol === 'http:' && isLoopback(realm.host) && isLoopback(domain)
  const isSafe = realm?.protocol === 'https:' || isLocal
  if (realm === undefined || !isSafe)
    throw unauthorized(domain, `tokens are to be had at "${text ?? ''}", which is no https address`)
  return realm
}

function askFor(
  realm: URL,
  form: URLSearchParams,
  basic: string | undefined,
  endpoint: Endpoint,
): Promise<Response> {
  const address = new URL(realm)
  for (const [name, value] of form) address.searchParams.append(name, value)
  return endpoint.requestElsewhere(address, basic === undefined ? {} : { headers: { authorization: basic } })
}

function exchange(
  realm: URL,
  form: URLSearchParams,
  identitytoken: string,
  endpoint: Endpoint,
): Promise<Response> {
  form.set('grant_type', 'refresh_token')
  form.set('refresh_token', identitytoken)
  form.set('client_id', 'tscompose')
  return endpoint.requestElsewhere(realm, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  })
}

function basicOf(credentials: RegistryCredentials | undefined): string | undefined {
  const { username, password } = credentials ?? {}
  if (username === undefined || password === undefined) return undefined
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}
