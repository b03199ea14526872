import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Docker, type DockerOptions } from '../docker.ts'
import { ScriptedEngine } from '../scripted-engine.test-support.ts'

// The program ssh is one of the test's own: it writes down how it was called, and leads to an engine that the test plays.
let engine: ScriptedEngine
let folder: string
beforeEach(async () => {
  engine = new ScriptedEngine()
  await engine.listen()
  folder = mkdtempSync(join(tmpdir(), 'tscompose-fake-ssh-'))
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
  vi.stubEnv('SSH_AUTH_SOCK', '/the-users-agent')
  vi.stubEnv('CALLED', join(folder, 'called.json'))
  vi.stubEnv('ENGINE', engine.socketPath)
  install(LEADING)
})
afterEach(() => {
  vi.unstubAllEnvs()
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const LEADING = `
const key = process.argv[process.argv.indexOf('-i') + 1]
const { SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: required } = process.env
fs.writeFileSync(process.env.CALLED, JSON.stringify({
  args: process.argv.slice(2),
  key: process.argv.includes('-i') ? { text: fs.readFileSync(key, 'utf8'), mode: fs.statSync(key).mode & 0o777 } : undefined,
  said: ask && child_process.execFileSync(ask, ['Enter passphrase:'], { encoding: 'utf8' }),
  trusts: ask && child_process.execFileSync(ask, ['continue (yes/no)?'], { encoding: 'utf8' }),
  required,
  ask,
}))
const socket = net.connect(process.env.ENGINE)
process.stdin.pipe(socket).pipe(process.stdout)
`

function install(program: string): void {
  const path = join(folder, 'ssh')
  const modules = ['fs', 'net', 'child_process'].map(name => `const ${name} = require('${name}');`).join('')
  writeFileSync(path, `#!${process.execPath}\n${modules}${program}`)
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}')
  chmodSync(path, 0o755)
}

const called = () => JSON.parse(readFileSync(join(folder, 'called.json'), 'utf8'))
const over = async (options: DockerOptions): Promise<void> => {
  const docker = new Docker(options)
  try {
    await docker.ping()
  } finally {
    docker.modem.destroy()
  }
}

describe('an engine behind ssh', () => {
  it('is reached by the program, with what the address says', async () => {
    await over({ host: 'ssh://me@box:2222' })
    expect(called().args).toEqual([
      ...['-T', '-o', 'ConnectTimeout=20', '-p', '2222', '-l', 'me'],
      ...['--', 'box', 'docker', 'system', 'dial-stdio'],
    ])
    await over({ host: 'ssh://box/run/my engine.sock' })
    expect(called().args.slice(-6)).toEqual([
      ...['box', 'docker', '--host', "'unix:///run/my engine.sock'", 'system', 'dial-stdio'],
    ])
  })

  it('is reached with the options that ssh2 has', async () => {
    await over({
      protocol: 'ssh',
      host: 'box',
      sshOptions: {
        ...{ agent: '/other', agentForward: true, readyTimeout: 1500, keepaliveInterval: 5000 },
        ...{ keepaliveCountMax: 2, forceIPv4: true, localAddress: '::1', novel: 'passed over' },
      },
    })
    expect(called().args.join(' ')).toBe(
      '-T -o ConnectTimeout=2 -o IdentityAgent=/other -A -o ServerAliveInterval=5 -o ServerAliveCountMax=2 ' +
        '-b ::1 -4 -- box docker system dial-stdio',
    )
  })

  it('is shown a key and a secret that are on no command line, and gone afterwards', async () => {
    await over({ host: 'ssh://box', sshOptions: { privateKey: 'KEY', passphrase: "it's $HOME" } })
    const { key, said, ask, required, args, trusts } = called()
    expect(trusts).toBe('no\n')
    expect(key).toEqual({ text: 'KEY\n', mode: 0o600 })
    expect([said, required]).toEqual(["it's $HOME\n", 'force'])
    expect(args.join(' ')).not.toContain('HOME')
    await vi.waitFor(() => expect(existsSync(ask)).toBe(false), { timeout: 20_000 })
    await over({ host: 'ssh://box', password: 'word' })
    expect(called().said).toBe('word\n')
  })

  it('carries streams both ways', async () => {
    engine.upgrade = socket => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
      socket.pipe(socket)
    }
    const docker = new Docker({ host: 'ssh://box' })
    const stream = await docker.getContainer('c').attach({ hijack: true, stdin: true, stdout: true })
    stream.end('there and back')
    expect(await text(stream)).toBe('there and back')
    docker.modem.destroy()
  })

  it('that is not there is told in the words of ssh', async () => {
    install("process.stderr.write('ssh: box: no such host\\n'); process.exitCode = 255")
    await expect(over({ host: 'ssh://box' })).rejects.toMatchObject({
      code: 'SSH_FAILED',
      message: expect.stringContaining('ssh: box: no such host'),
    })
    vi.stubEnv('PATH', '/nonexistent')
    await expect(over({ host: 'ssh://box' })).rejects.toMatchObject({ code: 'SSH_FAILED' })
  })

  it('is not asked for what the program has no option for', async () => {
    const sshOptions = { hostVerifier: () => true }
    await expect(over({ host: 'ssh://box', sshOptions })).rejects.toMatchObject({
      code: 'SSH_OPTION_UNSUPPORTED',
    })
  })
})
