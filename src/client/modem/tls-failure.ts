import { errnoOf, failure, messageOf } from '../../diagnostics/index.ts'

/** Codes of OpenSSL and of Node for a connection whose TLS does not come about. */
const OF_TLS = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$)/

/** What is to be done, by the code, or by what OpenSSL says where the code is one for all; the first that fits. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /WRONG_VERSION|wrong version number|packet length/i,
    'the engine speaks without TLS there: unset DOCKER_TLS_VERIFY, or name another port',
  ],
  [
    /ALERT|alert/,
    'the engine does not take the certificate that it was shown: DOCKER_CERT_PATH, or the context, has another one',
  ],
  [/EXPIRED|NOT_YET_VALID/, 'its certificate is to be renewed, or a clock is wrong'],
  [/ALTNAME/, 'name the engine as its certificate does'],
  [
    /./,
    'ca.pem in DOCKER_CERT_PATH, or of the context, is to be that of the authority which signed the certificate of the engine',
  ],
]

/** ENGINE_TLS, where an error is about certificates or about TLS itself. */
export function tlsFailure(error: unknown, place: string): Error | undefined {
  const code = errnoOf(error) ?? ''
  if (!OF_TLS.test(code)) return undefined
  const said = `${code} ${messageOf(error)}`
  return failure({
    code: 'ENGINE_TLS',
    kind: 'unauthorized',
    summary: `Connect to the engine at "${place}" by TLS: ${messageOf(error).trim()}`,
    hint: HINTS.find(([pattern]) => pattern.test(said))?.[1] ?? '',
    cause: error,
  })
}
