import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { present, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// The suite runs on one Node; on the other ones that are promised, what a day's work takes: build, up, exec, logs, down.
let sandbox: Sandbox
beforeAll(() => {
  sandbox = makeSandbox()
  sandbox.write(
    'Dockerfile',
    'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "mkdir", "/made"]\n',
  )
  execFileSync('cp', ['/bin/busybox', sandbox.folder])
  sandbox.write(
    'compose.yaml',
    'name: versions\nservices: {web: {build: ., command: [/bin/busybox, sh, -c, "echo ready; exec /bin/busybox sleep 1000"], init: true}}\n',
  )
})
afterAll(async () => {
  // What an engine has in the kernel goes with it: it needs its folders until then.
  await eventually('the engines end by themselves', () =>
    VERSIONS.every(version => !existsSync(join(placesOf(version).TSCOMPOSE_RUN, 'engine.sock'))),
  )
  await sandbox.close()
})

const VERSIONS = ['20.19', '22', '24', '26']

/** Each has an engine of its own. */
function placesOf(version: string): { readonly TSCOMPOSE_ROOT: string; readonly TSCOMPOSE_RUN: string } {
  return {
    TSCOMPOSE_ROOT: `${sandbox.env['TSCOMPOSE_ROOT']}-${version}`,
    TSCOMPOSE_RUN: `${sandbox.env['TSCOMPOSE_RUN']}-${version}`,
  }
}

for (const version of VERSIONS) {
  const node = resolve(`node_modules/.tools/node-${version}/node`)
  requires(present(`Node ${version}`, node)).test(`on Node ${version}`, { timeout: 300_000 }, async () => {
    const env = {
      ...sandbox.env,
      PATH: `${dirname(node)}:${sandbox.env['PATH']}`,
      ...placesOf(version),
    }
    const run = (...words: string[]): string =>
      execFileSync(resolve('bin/tscompose'), words, {
        cwd: sandbox.folder,
        env,
        encoding: 'utf8',
        stdio: 'pipe',
      })
    try {
      run('up', '-d', '--wait')
      expect(run('exec', '-T', 'web', '/bin/busybox', 'ls', '-d', '/made')).toBe('/made\n')
      await eventually('it is heard', () => run('logs', '--no-log-prefix') === 'ready\n')
      const [row] = run('ps', '--format', 'json').trim().split('\n')
      expect(JSON.parse(row ?? '')).toMatchObject({ Service: 'web', State: 'running' })
    } finally {
      run('down', '-t', '0', '--rmi', 'all')
    }
  })
}
