import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = makeSandbox()
})
afterEach(() => sandbox.close())

async function connected(path: string): Promise<Socket> {
  const socket = connect(path)
  await once(socket, 'connect')
  return socket
}

/** Starts an engine from a copy of this version, kept alive by a connection; the copy is then removed, as an upgrade does. */
async function engineWhoseFilesAreGone(): Promise<Socket> {
  const copy = join(sandbox.folder, '..', 'installed')
  for (const part of ['bin', 'dist', 'package.json']) cpSync(part, join(copy, part), { recursive: true })
  spawn(process.execPath, [join(copy, 'bin/start.cjs'), 'engine'], { env: sandbox.env, stdio: 'ignore' })
  const held = await eventually('the engine answers', () => connected(sandbox.socket))
  rmSync(copy, { recursive: true })
  return held
}

const gate = requires(root)

gate.test('an engine whose files were replaced goes on, also with what it does first', {}, async () => {
  const held = await engineWhoseFilesAreGone()
  try {
    const pid = sandbox.enginePid()
    await sandbox.busybox()
    const service = '{image: busybox, command: [sleep, infinity], init: true}'
    sandbox.write('compose.yaml', `services: {a: ${service}}\n`)
    await sandbox.ok('up', '-d')
    expect(sandbox.enginePid()).toBe(pid)
  } finally {
    held.destroy()
  }
})
