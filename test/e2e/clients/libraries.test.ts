import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Need, present, requires, root } from '../../requires.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const TOOLS = resolve('node_modules/.tools')
const SCRIPTS = resolve('test/e2e/clients/libraries')

// The public clients, unchanged: each script does its steps against our engine's socket, and prints what failed.
describe('client libraries against our engine', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
    writeDocker(join(sandbox.folder, 'bin'))
  })
  afterAll(() => sandbox.close())

  /** What failed of the steps. */
  const failedOf = (command: string, ...args: string[]): Promise<unknown> => {
    const work = join(sandbox.folder, args[0] ?? '')
    mkdirSync(work, { recursive: true })
    const env = {
      ...sandbox.env,
      PATH: `${join(sandbox.folder, 'bin')}:${process.env['PATH']}`,
      DOCKER_HOST: `unix://${sandbox.socket}`,
      TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE: sandbox.socket,
      TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1',
      ...(process.env['CLIENT_ROUNDS'] === undefined ? {} : { CLIENT_ROUNDS: process.env['CLIENT_ROUNDS'] }),
      // Its locks.
      TMPDIR: work,
    }
    const [script = '', ...rest] = args.slice(1)
    return new Promise((settle, reject) => {
      execFile(
        command,
        [join(SCRIPTS, script), ...rest, sandbox.socket, work],
        { env, timeout: 280_000 },
        (error, stdout, stderr) => {
          const line = stdout.trim().split('\n').at(-1) ?? ''
          if (line.startsWith('{')) settle(JSON.parse(line).failed)
          else reject(new Error(`${String(error)}\n${stdout}${stderr}`))
        },
      )
    })
  }

  for (const version of ['4', '5']) {
    const folder = join(TOOLS, `dockerode-${version}`)
    requires(root, fetched(`dockerode ${version}`, folder)).test(`dockerode ${version}`, {
      timeout: 300_000,
    }, async () => {
      showLogOnFailure(sandbox)
      expect(await failedOf(process.execPath, `dockerode-${version}`, 'dockerode.mjs', folder)).toEqual([])
      expect(await failedOf(process.execPath, `surface-${version}`, 'surface.mjs', folder)).toEqual([])
    })
  }

  requires(root).test("the package's own client does what dockerode does", { timeout: 300_000 }, async () => {
    showLogOnFailure(sandbox)
    const client = resolve('dist/client.js')
    expect(await failedOf(process.execPath, 'surface-own', 'surface.mjs', client)).toEqual([])
  })

  for (const version of ['10', '11', '12']) {
    const folder = join(TOOLS, `testcontainers-${version}`)
    // It is written for Node 22 from 12 on.
    const node = version === '12' ? join(TOOLS, 'node-22', 'node') : process.execPath
    requires(
      root,
      fetched(`testcontainers ${version}`, folder),
      fetched('Node 22', node),
    ).test(`testcontainers ${version}`, { timeout: 300_000 }, async () => {
      showLogOnFailure(sandbox)
      expect(await failedOf(node, `testcontainers-${version}`, 'testcontainers.mjs', folder)).toEqual([])
    })
  }

  requires(
    root,
    present('docker-py (python3-docker)', '/usr/lib/python3/dist-packages/docker'),
  ).test('docker-py', { timeout: 300_000 }, async () => {
    showLogOnFailure(sandbox)
    expect(await failedOf('/usr/bin/python3', 'docker-py', 'docker_py.py')).toEqual([])
  })
})

function fetched(what: string, path: string): Need {
  return present(what, path)
}

/** testcontainers calls `docker compose`: here that is tscompose. */
function writeDocker(folder: string): void {
  mkdirSync(folder)
  const path = join(folder, 'docker')
  writeFileSync(path, `#!/bin/sh\nshift\nexec ${resolve('bin/tscompose')} "$@"\n`)
  chmodSync(path, 0o755)
}
