import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ownIdentity, renderIdentity } from '../linux/process-identity.ts'
import { dockerCredentials } from './credentials.ts'
import { forgetCredentials, keepCredentials } from './keep-credentials.ts'

let folder: string
let env: Record<string, string>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-login-'))
  env = { DOCKER_CONFIG: join(folder, 'docker') }
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const config = (): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, 'docker/config.json'), 'utf8'))

/** A credential helper that keeps what it is told in a file and writes down its arguments. */
function helper(): void {
  const script = `#!/bin/sh
echo "$@" >> ${folder}/args
case $1 in
store) cat > ${folder}/secret ;;
get) cat >/dev/null; cat ${folder}/secret ;;
erase) cat > ${folder}/erased; rm ${folder}/secret ;;
esac
`
  writeFileSync(join(folder, 'docker-credential-test'), script)
  chmodSync(join(folder, 'docker-credential-test'), 0o755)
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
}

test('without a helper they stand in the file, which nobody else can read, and all else stays in it', async () => {
  const login = { username: 'user', password: 'pass:word' }
  await keepCredentials('example.com:5000', login, env)
  expect(statSync(join(folder, 'docker/config.json')).mode & 0o777).toBe(0o600)
  const before = { ...config(), currentContext: 'x', HttpHeaders: { a: 'b' } }
  writeFileSync(join(folder, 'docker/config.json'), JSON.stringify(before))
  await keepCredentials('docker.io', { username: 'hub', password: 'p' }, env)
  expect(config()).toEqual({
    currentContext: 'x',
    HttpHeaders: { a: 'b' },
    auths: {
      'example.com:5000': { auth: Buffer.from('user:pass:word').toString('base64') },
      'https://index.docker.io/v1/': { auth: Buffer.from('hub:p').toString('base64') },
    },
  })
  expect(await dockerCredentials('example.com:5000', env)).toMatchObject(login)
  expect(await forgetCredentials('example.com:5000', env)).toBe(true)
  expect(await forgetCredentials('example.com:5000', env)).toBe(false)
  expect(await dockerCredentials('example.com:5000', env)).toBeUndefined()
  expect(await dockerCredentials('docker.io', env)).toMatchObject({ username: 'hub' })
})

test('a token is kept in the stead of the password', async () => {
  await keepCredentials('a.example', { username: 'user', password: 'secret', identitytoken: 'tok' }, env)
  expect(JSON.stringify(config())).not.toContain(Buffer.from('user:secret').toString('base64'))
  expect(await dockerCredentials('a.example', env)).toMatchObject({ identitytoken: 'tok' })
})

test('with a helper the secret goes to its standard input alone, and one of earlier leaves the file', async () => {
  helper()
  await keepCredentials('a.example', { username: 'user', password: 'old' }, env)
  writeFileSync(join(folder, 'docker/config.json'), JSON.stringify({ ...config(), credsStore: 'test' }))
  const kept = await keepCredentials('a.example', { username: 'user', password: 'new' }, env)
  expect(kept).toEqual({ by: { tool: 'test' } })
  expect(config()).toEqual({ credsStore: 'test', auths: { 'a.example': {} } })
  expect(await dockerCredentials('a.example', env)).toMatchObject({ username: 'user', password: 'new' })
  expect(await forgetCredentials('a.example', env)).toBe(true)
  expect(readFileSync(join(folder, 'erased'), 'utf8')).toBe('a.example')
  expect(readFileSync(join(folder, 'args'), 'utf8')).toBe('store\nget\nerase\n')
  expect(config()).toEqual({ credsStore: 'test', auths: {} })
})

test('a link is followed, so that what it leads to is what is changed', async () => {
  await keepCredentials('a.example', { username: 'a', password: 'a' }, env)
  const real = join(folder, 'real.json')
  writeFileSync(real, '{}')
  rmSync(join(folder, 'docker/config.json'))
  symlinkSync(real, join(folder, 'docker/config.json'))
  await keepCredentials('b.example', { username: 'b', password: 'b' }, env)
  expect(lstatSync(join(folder, 'docker/config.json')).isSymbolicLink()).toBe(true)
  expect(readFileSync(real, 'utf8')).toContain('b.example')
})

test('a helper that fails or is missing is told of, and nothing is written in its stead', async () => {
  await keepCredentials('a.example', { username: 'a', password: 'a' }, env)
  writeFileSync(join(folder, 'docker/config.json'), JSON.stringify({ credsStore: 'none-such' }))
  const login = { username: 'user', password: 'secret' }
  await expect(keepCredentials('a.example', login, env)).rejects.toMatchObject({
    code: 'CREDENTIAL_TOOL_MISSING',
  })
  writeFileSync(join(folder, 'docker-credential-bad'), '#!/bin/sh\necho locked; exit 1\n', { mode: 0o755 })
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
  writeFileSync(join(folder, 'docker/config.json'), JSON.stringify({ credHelpers: { 'a.example': 'bad' } }))
  await expect(keepCredentials('a.example', login, env)).rejects.toMatchObject({
    code: 'CREDENTIAL_TOOL_FAILED',
  })
  expect(config()).toEqual({ credHelpers: { 'a.example': 'bad' } })
})

test('none of forty logins at once is lost, also where a login was killed in the middle', async () => {
  await keepCredentials('first.example', { username: 'a', password: 'a' }, env)
  const lock = join(folder, 'docker/config.json.tscompose-lock')
  const names = Array.from({ length: 40 }, (_, index) => `r${index}.example`)
  for (const startTime of [1n, 2n, 3n, 4n, 5n]) {
    writeFileSync(lock, renderIdentity({ ...ownIdentity(), startTime }))
    await Promise.all(names.map(name => keepCredentials(name, { username: name, password: 'p' }, env)))
    expect(Object.keys(config()['auths'] ?? {})).toHaveLength(41)
    if (startTime < 5n) for (const name of names) await forgetCredentials(name, env)
  }
  await Promise.all(names.map(name => forgetCredentials(name, env)))
  expect(Object.keys(config()['auths'] ?? {})).toEqual(['first.example'])
  expect(readdirSync(join(folder, 'docker'))).toEqual(['config.json'])
})
