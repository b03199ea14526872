import { expect, it } from 'vitest'
import { match } from './match.ts'

it.each([
  ['GET', '/_ping', 'ping', {}],
  ['HEAD', '/_ping', 'pingHead', {}],
  ['GET', 'http://docker:2375/v1.43/_ping', 'ping', {}],
  ['GET', '/containers/json', 'containerList', {}],
  ['GET', '/v1.43/containers/web/json', 'containerInspect', { id: 'web' }],
  ['GET', '/containers/web%2fjson', 'containerInspect', { id: 'web' }],
  ['DELETE', '/v1.24/containers/a%2Fb', 'containerRemove', { id: 'a/b' }],
  ['GET', '/images/reg.io:5000/a/b:1/json', 'imageInspect', { name: 'reg.io:5000/a/b:1' }],
  ['GET', '/images/reg.io%2Fa@sha256:00/json', 'imageInspect', { name: 'reg.io/a@sha256:00' }],
  ['DELETE', '/images/a/b', 'imageRemove', { name: 'a/b' }],
  ['POST', '/exec/e1/start', 'execStart', { id: 'e1' }],
])('%s %s is %s', (method, path, name, params) => {
  expect(match(method, path)).toMatchObject({ name, params })
})

it.each([
  ['GET', '/nowhere', 'ROUTE_NOT_FOUND'],
  ['GET', '/containers//json', 'ROUTE_NOT_FOUND'],
  ['PUT', '/containers%2fjson', 'ROUTE_NOT_FOUND'],
  ['PUT', '/containers/json', 'METHOD_NOT_ALLOWED'],
  ['GET', '/v1.52/info', 'API_VERSION_UNSUPPORTED'],
  ['GET', '/v1.23/info', 'API_VERSION_TOO_OLD'],
  ['GET', '/containers/%zz/json', 'PATH_INVALID'],
])('%s %s is refused as %s', (method, path, code) => {
  expect(() => match(method, path)).toThrow(expect.objectContaining({ code }))
})
