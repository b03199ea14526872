// Scenario C 10: the engine's own files can be written to no more. Those of disks that are full are in test/e2e/engine.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'
import { mountSmallDisk, type SmallDisk } from '../harness/small-disk.ts'

let disk: SmallDisk
let sandbox: Sandbox

beforeAll(async () => {
  disk = mountSmallDisk(64)
  sandbox = makeSandbox({ root: disk.path })
  await sandbox.busybox()
})
afterAll(async () => {
  await sandbox.close('ended')
  disk.unmount()
})

/** For whoever looks for a path there from now on: what is open for writing keeps a mount from becoming read-only itself. */
function becomeReadOnly(): void {
  execFileSync('mount', ['--bind', disk.path, disk.path])
  execFileSync('mount', ['-o', 'remount,bind,ro', disk.path])
}
const becomeWritable = (): void => void execFileSync('umount', ['-l', disk.path])

const COUNTING = `sh -c 'i=0; while true; do echo $$i; i=$$((i+1)); sleep 0.05; done'`
const linesOf = async (): Promise<number> =>
  (await sandbox.ok('logs', '--no-log-prefix', 'a')).stdout.split('\n').length

test('C10: on a root that is read-only new work is refused by name, and what runs goes on', async () => {
  sandbox.write(
    'compose.yaml',
    `name: frozen\nservices:\n  a: {image: busybox, command: ${COUNTING}, stop_signal: SIGKILL}\n  b: {image: busybox, command: "true", profiles: [later]}\n`,
  )
  await sandbox.ok('up', '-d')
  await eventually('it counts', async () => (await linesOf()) > 3)
  becomeReadOnly()
  try {
    const lines = await linesOf()
    const refused = await sandbox.run('--profile', 'later', 'up', '-d', 'b')
    expect(refused.status).not.toBe(0)
    expect(refused.stderr).toMatch(/DISK_UNWRITABLE/)
    expect((await sandbox.ok('exec', '-T', 'a', 'echo', 'alive')).stdout).toBe('alive\n')
    await eventually('it goes on counting', async () => (await linesOf()) > lines + 3)
    expect((await sandbox.ok('ps', '--format', 'json', 'a')).stdout).toContain('running')
  } finally {
    becomeWritable()
  }
  await sandbox.ok('--profile', 'later', 'up', '-d', 'b')
  await sandbox.ok('--profile', 'later', 'down', '-v')
  expect((await sandbox.ok('ps', '-a', '-q')).stdout).toBe('')
})
