import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { managerOf } from './manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'tscompose-contexts-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** As `docker context create` leaves it. */
function makeContext(name: string, host: string, hasCertificates = false): void {
  const id = createHash('sha256').update(name).digest('hex')
  const meta = join(folder, 'contexts/meta', id)
  mkdirSync(meta, { recursive: true })
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  )
  if (!hasCertificates) return
  const tls = join(folder, 'contexts/tls', id, 'docker')
  mkdirSync(tls, { recursive: true })
  for (const file of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(tls, file), file)
}

makeContext('prod', 'tcp://10.0.0.1:2376', true)
makeContext('jump', 'ssh://admin@10.0.0.2')
writeFileSync(join(folder, 'config.json'), JSON.stringify({ currentContext: 'jump' }))

const env = { DOCKER_CONFIG: folder }
const { modem: none } = managerOf({ host: 'unix:///x.sock' }, env)

test.each([
  ['by its address', { host: 'tcp://10.0.0.9:2375' }, env, { host: '10.0.0.9', protocol: 'http' }],
  [
    'by a context, with its certificates',
    { context: 'prod' },
    env,
    { host: '10.0.0.1', protocol: 'https', ca: 'ca.pem' },
  ],
  ['by the context that is in use', {}, env, { host: '10.0.0.2', protocol: 'ssh', username: 'admin' }],
  ['by DOCKER_CONTEXT', {}, { ...env, DOCKER_CONTEXT: 'prod' }, { host: '10.0.0.1' }],
  [
    'by DOCKER_HOST before contexts',
    {},
    { ...env, DOCKER_HOST: 'tcp://10.0.0.3:2375' },
    { host: '10.0.0.3' },
  ],
  [
    'by a context before DOCKER_HOST',
    { context: 'prod' },
    { ...env, DOCKER_HOST: 'tcp://10.0.0.3:2375' },
    { host: '10.0.0.1' },
  ],
])('a manager is found %s', (_, place, variables, expected) => {
  expect(managerOf(place, variables).modem).toMatchObject(expected)
})

test('a context that is not there is told', () => {
  expect(() => managerOf({ context: 'gone' }, env)).toThrow(
    expect.objectContaining({ code: 'DOCKER_CONTEXT' }),
  )
  expect(none.socketPath).toBe('/x.sock')
})
