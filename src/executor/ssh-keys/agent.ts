import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { started } from '../../linux/started.ts'
import type { SigningKey } from './private-key.ts'
import { string, uint32, WireReader } from './wire.ts'

/** An agent of our own, which knows a few keys and gives none away. */
export interface KeyAgent {
  readonly socket: string
  close(): Promise<void>
}

/** Messages (draft-ietf-sshm-ssh-agent, 3). */
const FAILURE = 5
const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const SIGN_REQUEST = 13
const SIGN_RESPONSE = 14
const LONGEST = 256 * 1024

/** Answers for keys on a socket in a folder that nobody else may enter. It lists them and signs; whatever else is asked fails. */
export async function startKeyAgent(keys: readonly SigningKey[]): Promise<KeyAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'tscompose-ssh-'))
  const endWatch = removeAfterUs(folder)
  const socket = join(folder, 'agent')
  const open = new Set<Socket>()
  const server = createServer(connection => {
    open.add(connection)
    connection.on('close', () => open.delete(connection))
    // Who has gone wants no answer.
    connection.on('error', () => connection.destroy())
    serve(connection, keys)
  })
  const close = async (): Promise<void> => {
    server.close()
    for (const connection of open) connection.destroy()
    await rm(folder, { recursive: true, force: true })
    endWatch()
  }
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve))
    await chmod(socket, 0o600)
  } catch (error) {
    await close()
    throw error
  }
  return { socket, close }
}

/**
 * Has a folder removed when this process is gone, however it went: a shell waits for the end of a pipe that nobody else holds, in a
 * session of its own. What is returned ends it.
 */
function removeAfterUs(folder: string): () => void {
  const shell = started(
    spawn('/bin/sh', ['-c', 'read _; rm -rf -- "$1"', 'sh', folder], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    }),
  )
  // Without it the folder stays where we are killed, and that is all.
  shell.on('error', () => undefined)
  shell.stdin.on('error', () => undefined)
  shell.unref()
  return () => shell.stdin.end()
}

function serve(connection: Socket, keys: readonly SigningKey[]): void {
  let rest: Buffer = Buffer.alloc(0)
  connection.on('data', chunk => {
    rest = Buffer.concat([rest, chunk as Buffer])
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0)
      if (length === 0 || length > LONGEST) {
        connection.destroy()
        return
      }
      if (rest.length < 4 + length) return
      connection.write(string(answerTo(rest.subarray(4, 4 + length), keys)))
      rest = rest.subarray(4 + length)
    }
  })
}

/** The answer to one message, without its length. */
export function answerTo(message: Buffer, keys: readonly SigningKey[]): Buffer {
  try {
    if (message[0] === REQUEST_IDENTITIES) {
      const listed = keys.map(({ blob }) => Buffer.concat([string(blob), string('')]))
      return Buffer.concat([Buffer.of(IDENTITIES_ANSWER), uint32(keys.length), ...listed])
    }
    if (message[0] === SIGN_REQUEST) {
      const reader = new WireReader(message.subarray(1))
      const [blob, data, flags] = [reader.string(), reader.string(), reader.uint32()]
      const key = keys.find(each => each.blob.equals(blob))
      if (key !== undefined) return Buffer.concat([Buffer.of(SIGN_RESPONSE), string(key.sign(data, flags))])
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return Buffer.of(FAILURE)
}
