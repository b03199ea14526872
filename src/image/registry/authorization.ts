import { failure } from '../../diagnostics/index.ts'
import type { CredentialSource, RegistryCredentials } from '../../oci/credentials.ts'
import { beginningOf, fieldsOf } from './answer.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import type { Endpoint } from './endpoint.ts'
import { isLoopback } from './settings/places.ts'
import type { Answer } from './wire/transport.ts'

/** A token is a few hundred bytes; what sends more is no token server. */
const MAX_ANSWER = 1024 * 1024
/** Who we are to token servers. */
const CLIENT_ID = 'tscompose'

/**
 * The `Authorization` header that a refused request is to be repeated with, by the registry's own challenge: Basic, or a
 * token of the distribution specification for the scopes and that of the challenge. Raises REGISTRY_UNAUTHORIZED when there
 * is no way to get one.
 */
export async function authorize(
  refused: Answer,
  endpoint: Endpoint,
  source: CredentialSource,
  scopes: readonly string[],
): Promise<string> {
  const domain = endpoint.place.host
  const challenges = parseChallenges(refused.headers['www-authenticate'] ?? '')
  const credentials = await source(domain)
  if (credentials?.registrytoken) return `Bearer ${credentials.registrytoken}`
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  if (bearer) return `Bearer ${(await requestToken(bearer, endpoint, credentials, scopes)).token}`
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
    hint: `check the name, or ${loginHint(domain)}`,
  })
}

/** How to log in to a registry. */
export function loginHint(domain: string): string {
  return `log in: tscompose login ${domain === 'docker.io' ? '' : domain}`.trimEnd()
}

/** What a token server gave. */
interface GrantedToken {
  readonly token: string
  /** Stands for name and password from now on, where the server has such. */
  readonly refreshToken: string | undefined
}

/** Asks for a token as a bearer challenge says. `isLogin`: one that lasts is asked for, too. Raises REGISTRY_UNAUTHORIZED. */
export async function requestToken(
  { parameters }: Challenge,
  endpoint: Endpoint,
  credentials: RegistryCredentials | undefined,
  scopes: readonly string[],
  isLogin = false,
): Promise<GrantedToken> {
  const domain = endpoint.place.host
  const realm = realmOf(parameters['realm'], domain)
  const { service, scope } = parameters
  const form = new URLSearchParams(service ? { service } : {})
  const further = (scope ?? '').split(' ').filter(each => each !== '' && !covers(scopes, each))
  const wanted = [...scopes, ...further]
  const fetched = await credentials?.fetchToken?.({
    realm: realm.href,
    service: service ?? '',
    scopes: wanted,
  })
  if (fetched !== undefined) return { token: fetched, refreshToken: undefined }
  const answer = credentials?.identitytoken
    ? await exchange(realm, form, wanted, credentials.identitytoken, endpoint)
    : await askFor(realm, form, wanted, credentials, isLogin, endpoint)
  const text = await beginningOf(answer, MAX_ANSWER)
  if (answer.status === 401 || answer.status === 403) throw unauthorized(domain)
  const { token, access_token, refresh_token } = answer.isOk
    ? fieldsOf(text)
    : ({} as Readonly<Record<string, unknown>>)
  const given = token ?? access_token
  if (typeof given !== 'string' || given === '')
    throw unauthorized(domain, `${realm.origin} answered ${answer.status} and gave no token`)
  return { token: given, refreshToken: typeof refresh_token === 'string' ? refresh_token : undefined }
}

/** `repository:a:pull` is in `repository:a:pull,push`. */
function covers(scopes: readonly string[], scope: string): boolean {
  const colon = scope.lastIndexOf(':')
  return scope
    .slice(colon + 1)
    .split(',')
    .every(action =>
      scopes.some(
        each =>
          each.slice(0, each.lastIndexOf(':')) === scope.slice(0, colon) &&
          each
            .slice(each.lastIndexOf(':') + 1)
            .split(',')
            .includes(action),
      ),
    )
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
  scopes: readonly string[],
  credentials: RegistryCredentials | undefined,
  isLogin: boolean,
  endpoint: Endpoint,
): Promise<Answer> {
  const address = new URL(realm)
  for (const [name, value] of form) address.searchParams.append(name, value)
  for (const scope of scopes) address.searchParams.append('scope', scope)
  if (credentials?.username) address.searchParams.set('account', credentials.username)
  if (isLogin) {
    address.searchParams.set('offline_token', 'true')
    address.searchParams.set('client_id', CLIENT_ID)
  }
  const basic = basicOf(credentials)
  return endpoint.requestElsewhere(address, basic === undefined ? {} : { headers: { authorization: basic } })
}

function exchange(
  realm: URL,
  form: URLSearchParams,
  scopes: readonly string[],
  identitytoken: string,
  endpoint: Endpoint,
): Promise<Answer> {
  form.set('grant_type', 'refresh_token')
  form.set('refresh_token', identitytoken)
  form.set('client_id', CLIENT_ID)
  if (scopes.length > 0) form.set('scope', scopes.join(' '))
  return endpoint.requestElsewhere(realm, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  })
}

/** Basic authentication (RFC 7617) of name and password. */
export function basicOf(credentials: RegistryCredentials | undefined): string | undefined {
  const { username, password } = credentials ?? {}
  if (username === undefined || password === undefined) return undefined
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}
