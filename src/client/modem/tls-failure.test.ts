import { expect, test } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import { tlsFailure } from './tls-failure.ts'

const hintOf = (code: string, message = ''): string | undefined => {
  const found = tlsFailure(Object.assign(new Error(message), { code }), 'box:2376')
  return found instanceof Failure ? `${found.code} ${found.diagnostics[0]?.hint}` : undefined
}

test.each([
  ['CERT_HAS_EXPIRED', '', /^ENGINE_TLS .*renewed/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', '', /^ENGINE_TLS .*ca\.pem/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', '', /^ENGINE_TLS .*ca\.pem/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', '', /^ENGINE_TLS .*name the engine/],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', '', /^ENGINE_TLS .*does not take the certificate/],
  ['EPROTO', 'SSL routines:ssl3_get_record:wrong version number', /^ENGINE_TLS .*without TLS/],
])('of %s it is said what is to be done', (code, message, expected) => {
  expect(hintOf(code, message)).toMatch(expected)
})

test('what is not about TLS is left to others', () => {
  expect(hintOf('ECONNREFUSED')).toBeUndefined()
  expect(tlsFailure('text', 'box')).toBeUndefined()
})
