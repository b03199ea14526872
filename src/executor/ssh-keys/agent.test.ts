import { execFileSync, spawn } from 'node:child_process'
import { createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { program, requires } from '../../../test/requires.ts'
import { answerTo, startKeyAgent } from './agent.ts'
import { readPrivateKey } from './private-key.ts'
import { string, uint32, WireReader } from './wire.ts'

const gate = requires(program('ssh-keygen'), program('ssh-add'))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function makeKey(name: string, ...args: readonly string[]): string {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', '', '-f', path, ...args])
  return path
}

const KINDS: readonly (readonly [string, ...string[]])[] = [
  ['ed25519', '-t', 'ed25519'],
  ['rsa', '-t', 'rsa', '-b', '2048'],
  ['rsa-pem', '-t', 'rsa', '-b', '2048', '-m', 'PEM'],
  ['ecdsa-256', '-t', 'ecdsa', '-b', '256'],
  ['ecdsa-384', '-t', 'ecdsa', '-b', '384'],
  ['ecdsa-521', '-t', 'ecdsa', '-b', '521'],
  ['ecdsa-pem', '-t', 'ecdsa', '-m', 'PKCS8'],
]

for (const [name, ...args] of KINDS)
  gate.test(`a key of ssh-keygen is known by its public key, and signs: ${name}`, {}, async () => {
    const path = makeKey(name, ...args)
    const key = readPrivateKey(readFileSync(path, 'utf8'))
    const [, written = ''] = readFileSync(`${path}.pub`, 'utf8').split(' ')
    expect(key.blob.toString('base64')).toBe(written.trim())
    // ssh-keygen has the last word on what is signed: it asks the agent, and checks.
    const agent = await startKeyAgent([key])
    try {
      expect(statSync(agent.socket).mode & 0o777).toBe(0o600)
      expect(statSync(dirname(agent.socket)).mode & 0o777).toBe(0o700)
      const env = { ...process.env, SSH_AUTH_SOCK: agent.socket }
      writeFileSync(join(folder, 'text'), 'signed')
      const { execFile } = await import('node:child_process')
      const run = (program: string, ...rest: string[]): Promise<string> =>
        new Promise((done, fail) => {
          execFile(program, rest, { env }, (error, stdout, stderr) =>
            error ? fail(new Error(stderr)) : done(stdout),
          )
        })
      expect(await run('ssh-add', '-L')).toContain(written.trim())
      await run('ssh-add', '-T', `${path}.pub`)
      await expect(run('ssh-add', '-D')).rejects.toThrow()
    } finally {
      await agent.close()
    }
    expect(existsSync(agent.socket)).toBe(false)
  })

gate.test('RSA signs by the hash that is asked for', {}, () => {
  const path = makeKey('key', '-t', 'rsa', '-b', '2048', '-m', 'PEM')
  const text = readFileSync(path, 'utf8')
  const key = readPrivateKey(text)
  for (const [flags, type, hash] of [
    [2, 'rsa-sha2-256', 'sha256'],
    [4, 'rsa-sha2-512', 'sha512'],
    [0, 'ssh-rsa', 'sha1'],
  ] as const) {
    const reader = new WireReader(key.sign(Buffer.from('data'), flags))
    expect(reader.text()).toBe(type)
    expect(verify(hash, Buffer.from('data'), createPublicKey(text), reader.string())).toBe(true)
  }
})

gate.test('a key with a passphrase, and what is no key, are told apart and never shown', {}, () => {
  const path = join(folder, 'locked')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'passphrase', '-f', path])
  expect(() => readPrivateKey(readFileSync(path, 'utf8'))).toThrow('passphrase')
  const whole = readFileSync(makeKey('plain', '-t', 'ed25519'), 'utf8')
  const cut = whole.replace(/[A-Za-z0-9+/]{60,}\n(?=.*END)/s, '\n')
  for (const text of ['', 'text', cut, readFileSync(`${path}.pub`, 'utf8')])
    expect(() => readPrivateKey(text)).toThrow(/^it is no private key that can be read$|it is no/)
})

test('what is no message of an agent fails, and does not end it', async () => {
  for (const message of ['', '\x0d', '\x0d\xff\xff\xff\xff', '\x11', '\x19'])
    expect([...answerTo(Buffer.from(message, 'latin1'), [])]).toEqual([5])
  expect([...answerTo(Buffer.concat([Buffer.of(13), string('x'), string('y'), uint32(0)]), [])]).toEqual([5])
  const agent = await startKeyAgent([])
  const ended = new Promise(done => connect(agent.socket).on('close', done).end(uint32(0xffffffff)))
  await ended
  await agent.close()
})

test('nothing stays of an agent whose process is killed', async () => {
  const agent = JSON.stringify(new URL('./agent.ts', import.meta.url).href)
  const code = `const { startKeyAgent } = await import(${agent}); console.log((await startKeyAgent([])).socket)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code])
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const socket = line.toString().trim()
  expect(existsSync(socket)).toBe(true)
  child.kill('SIGKILL')
  await vi.waitFor(() => expect(existsSync(dirname(socket))).toBe(false), { timeout: 30_000 })
}, 60_000)
