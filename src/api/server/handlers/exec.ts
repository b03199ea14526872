import type { ExecBackend } from '../../backend/exec.ts'
import type { AttachSession, ExecStartOptions, ExecStartRequest, OutputFrame } from '../../types/index.ts'
import { parseDetachKeys } from '../answer/detach-keys.ts'
import { asFailure, describe } from '../answer/error.ts'
import { takeShape } from '../decode/shape.ts'
import { EXEC_CREATE, EXEC_START } from '../decode/shapes.ts'
import { decodeSize, invalid } from '../decode/values.ts'
import type { AttachAnswer, Handlers } from '../handler.ts'

type ExecRoute = 'execCreate' | 'execStart' | 'execResize' | 'execInspect'

/** Commands in running containers. */
export function execHandlers(backend: ExecBackend): Handlers<ExecRoute> {
  return {
    execCreate: async ({ params, body }) => {
      const taken = takeShape(EXEC_CREATE, body).body
      if (taken.Cmd === undefined || taken.Cmd.length === 0) throw invalid('No exec command specified')
      parseDetachKeys(taken.DetachKeys || undefined)
      return backend.create(params.id, taken)
    },
    execStart: async ({ params, body: given }) => {
      const { body } = takeShape(EXEC_START, given)
      const options = startOptions(body)
      if (body.Detach !== true) return start(backend, params.id, options)
      await backend.startDetached(params.id, options)
      return undefined
    },
    execResize: async ({ params, query }) => {
      await backend.resize(params.id, decodeSize(query.h, query.w))
      return undefined
    },
    execInspect: ({ params }) => backend.inspect(params.id),
  }
}

function startOptions(body: ExecStartRequest): ExecStartOptions {
  const tty = body.Tty === true
  if (body.ConsoleSize === undefined) return { tty }
  const [height = 0, width = 0] = body.ConsoleSize
  return { tty, size: { height, width } }
}

/**
 * The command starts when the head is on its way: what it writes must not travel in one piece with that. A command that
 * cannot be run has been started as far as clients see: they read why from its output, and 126, 127 or 128 from its
 * inspect, as with Docker.
 */
async function start(backend: ExecBackend, id: string, options: ExecStartOptions): Promise<AttachAnswer> {
  const { tty, detachKeys } = await backend.prepare(id, options)
  const join = async (): Promise<AttachSession> => {
    try {
      return await backend.start(id, options)
    } catch (error) {
      return refused(describe(asFailure(error), { name: 'execStart', params: { id } }), tty)
    }
  }
  return { tty, join, detachKeys: parseDetachKeys(detachKeys || undefined) }
}

function refused(message: string, tty: boolean): AttachSession {
  async function* output(): AsyncGenerator<OutputFrame> {
    yield { stream: 'stdout', bytes: Buffer.from(`${message}\r\n`) }
  }
  return { tty, output: output(), close: () => undefined }
}
