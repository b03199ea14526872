import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startExec } from './exec-session.ts'
import { REPLY_HEAD, REPLY_MAGIC } from './wire.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-exec-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A reply without failure: the command runs (-1), or has ended. */
function reply(exitCode: number): Buffer {
  const bytes = Buffer.alloc(REPLY_HEAD)
  bytes.writeUInt32LE(REPLY_MAGIC, 0)
  bytes.writeUInt32LE(REPLY_HEAD, 4)
  bytes.writeInt32LE(exitCode, 24)
  return bytes
}

/** Stands for the native binary: writes at once, and its replies are seen only after Node has reaped it. */
function fastCommand(): string {
  writeFileSync(join(folder, 'replies'), Buffer.concat([reply(-1), reply(7)]))
  const path = join(folder, 'native')
  const script = `#!/bin/sh
echo out; echo err >&2
(while kill -0 $$; do :; done; cat ${folder}/replies >&4) 2>/dev/null >&2 3>&- &
`
  writeFileSync(path, script, { mode: 0o755 })
  return path
}

test('a command that has ended before its reply is seen has lost nothing', async () => {
  const session = await startExec(fastCommand(), { exec: [] }, { tty: false, stdin: false })
  // As under load: others have their turn before anybody reads.
  await new Promise(setImmediate)
  const { stderr } = session
  expect(await text(session.stdout)).toBe('out\n')
  expect(stderr && (await text(stderr))).toBe('err\n')
  expect(await session.exited).toEqual({ exitCode: 7 })
})
