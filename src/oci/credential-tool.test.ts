import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { askTool } from './credential-tool.ts'
import { credentialsForImage, credentialsOfAll } from './credentials.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-tool-'))
  vi.stubEnv('DOCKER_CONFIG', folder)
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** A tool whose script this is. */
function install(name: string, script: string): void {
  const path = join(folder, `docker-credential-${name}`)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

/** Nobody need have waited for it. */
function hasEnded(pid: string): boolean {
  try {
    return /^State:\t[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}

const code = (expected: string): unknown => expect.objectContaining({ code: expected })

test('a name and a secret, or a token', async () => {
  install('plain', 'cat >/dev/null; echo \'{"ServerURL":"r","Username":"me","Secret":"s"}\'')
  install('token', 'echo \'{"Username":"<token>","Secret":"t"}\'')
  expect(await askTool('plain', 'r.io')).toEqual({ serveraddress: 'r.io', username: 'me', password: 's' })
  expect(await askTool('token', 'r.io')).toEqual({ serveraddress: 'r.io', identitytoken: 't' })
})

test('it is told the registry on its standard input, and what to do as its argument', async () => {
  install('echo', 'read -r it; printf \'{"Username":"%s","Secret":"%s"}\' "$it" "$*"')
  expect(await askTool('echo', 'r.io')).toMatchObject({ username: 'r.io', password: 'get' })
})

test('a registry that it does not know is none of its failures', async () => {
  install('out', 'echo "credentials not found in native keychain"; exit 1')
  install('err', 'echo "Credentials not found" >&2; exit 1')
  expect(await askTool('out', 'r.io')).toBeUndefined()
  expect(await askTool('err', 'r.io')).toBeUndefined()
})

test.each([
  ['fails', 'echo "the keychain is locked" >&2; exit 1', 'the keychain is locked'],
  ['prints garbage', 'echo "<html>"', 'its answer is no'],
  ['prints another value', 'echo null', 'its answer is no'],
  ['prints numbers', 'echo \'{"Username":1,"Secret":2}\'', 'its answer is no'],
  ['prints without end', 'yes', ''],
  ['is killed', 'kill -9 $$', ''],
  ['leaves out the secret', 'echo \'{"Username":"topsecret"}\'', 'its answer is no'],
])('one that %s is named', async (_what, script, words) => {
  install('bad', script)
  const error = (await askTool('bad', 'r.io').catch((raised: unknown) => raised)) as Error
  expect(error).toEqual(code('CREDENTIAL_TOOL_FAILED'))
  expect(JSON.stringify(error)).toContain(words)
  expect(JSON.stringify(error)).not.toContain('topsecret')
})

test('one that does not answer is given up, though what it has started lives on', async () => {
  install('hangs', 'sleep 30 & wait')
  await expect(askTool('hangs', 'r.io', { patience: 100 })).rejects.toEqual(code('CREDENTIAL_TOOL_SILENT'))
  const abort = new AbortController()
  const asking = askTool('hangs', 'r.io', { signal: abort.signal })
  abort.abort(new Error('nobody wants it'))
  await expect(asking).rejects.toThrow('nobody wants it')
})

test('one that is given up goes with what it has started', async () => {
  const pids = join(folder, 'pids')
  install('tree', `sleep 300 & echo "$$ $!" >${pids}.new; mv ${pids}.new ${pids}; wait`)
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ credsStore: 'tree' }))
  const abort = new AbortController()
  const asking = credentialsForImage('r.io/app', abort.signal)
  await vi.waitUntil(() => existsSync(pids))
  abort.abort(new Error('nobody wants it'))
  await expect(asking).rejects.toThrow('nobody wants it')
  for (const pid of readFileSync(pids, 'utf8').trim().split(' ')) await vi.waitUntil(() => hasEnded(pid))
})

test('an image is asked for with what its tool says, and a build leaves out what a tool does not give', async () => {
  install('bad', 'echo broken; exit 1')
  install('good', 'echo \'{"Username":"me","Secret":"s"}\'')
  const config = { credHelpers: { 'bad.io': 'bad', 'good.io': 'good', 'gone.io': 'gone' } }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  await expect(credentialsForImage('bad.io/app')).rejects.toEqual(code('CREDENTIAL_TOOL_FAILED'))
  expect(await credentialsForImage('good.io/app')).toMatchObject({ username: 'me' })
  expect(Object.keys(await credentialsOfAll())).toEqual(['good.io'])
})
