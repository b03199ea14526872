import { messageOf } from '../../diagnostics/index.ts'
import type { ProcessOfThisBoot } from '../../linux/process-identity.ts'
import { type DialOp, nativeErrorOf, type OutsideOp } from '../../native/index.ts'
import type { Probe } from '../../notation/index.ts'
import { targetOf } from '../exec/process.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { addressesOf } from '../words/addresses.ts'
import { type Checked, MOST_OUTPUT } from './state.ts'

const LOOPBACK = ['127.0.0.1', '::1']
const SOCKET = 0
const MOUNTS = 1
const LONGEST_TIMEOUT = 0x7fffffff

type SocketProbe = Exclude<Probe, { readonly kind: 'log' }>

/**
 * Asks a server of the container from its own network, or at a socket of its files: by the native program alone, so that nothing
 * of the image runs, nothing shows among its processes, and none of its limits is touched. CONTAINER_NOT_RUNNING, CONTAINER_PAUSED.
 */
export async function checkBySocket(
  engine: Pick<EngineContext, 'native'>,
  container: Container,
  probe: SocketProbe,
  timeout: number,
): Promise<Checked> {
  const { target } = targetOf(container)
  const { opened = [], dial } = question(container, probe, target)
  try {
    const { outputs } = await engine.native.run({
      setup: [{ op: 'openNetns', path: `/proc/${target.pid}/ns/net`, ...target }],
      outside: [...opened, { op: 'dial', ...dial, timeout: Math.min(timeout, LONGEST_TIMEOUT) }],
    })
    return answerOf(probe, outputs[0] ?? Buffer.alloc(0))
  } catch (error) {
    const failed = nativeErrorOf(error)?.op?.op
    if (failed !== 'dial' && failed !== 'open') throw error
    return { ExitCode: 1, Output: messageOf(error).slice(0, MOST_OUTPUT) }
  }
}

interface Question {
  readonly opened?: readonly OutsideOp[]
  readonly dial: Omit<DialOp, 'op' | 'timeout'>
}

function question(container: Container, probe: SocketProbe, target: ProcessOfThisBoot): Question {
  if (probe.kind === 'unix') return unixQuestion(probe.path, target)
  const addresses = probe.address === undefined ? placesOf(container) : [probe.address]
  const dial = { addresses, port: probe.port, send: '' }
  if (probe.kind === 'tcp') return { dial }
  const head = [
    `GET ${probe.path} HTTP/1.1`,
    `Host: ${hostOf(probe)}`,
    'User-Agent: tscompose',
    'Accept: */*',
  ]
  return { dial: { ...dial, send: `${head.join('\r\n')}\r\nConnection: close\r\n\r\n` } }
}

function hostOf({ host, port }: Extract<Probe, { readonly kind: 'http' }>): string {
  return port === 80 ? host : `${host}:${port}`
}

/** Where a server of the container may listen: at its loopback, or at an address of its own alone. */
function placesOf({ record }: Container): string[] {
  return [...LOOPBACK, ...addressesOf(record.endpoints)]
}

function unixQuestion(path: string, { pid, startTime }: ProcessOfThisBoot): Question {
  if (path.startsWith('@')) return { dial: { addresses: [path], send: '' } }
  return {
    opened: [
      { op: 'openNamespace', slot: MOUNTS, kind: 'mnt', pid, startTime },
      { op: 'open', slot: SOCKET, path, kind: 'path', mountsSlot: MOUNTS },
    ],
    dial: { slot: SOCKET, send: '' },
  }
}

function answerOf(probe: SocketProbe, answer: Buffer): Checked {
  if (probe.kind !== 'http') return { ExitCode: 0, Output: '' }
  const line = answer.toString('latin1').split(/\r?\n/, 1)[0] ?? ''
  const status = Number(/^HTTP\/1\.[01] ([1-5][0-9]{2})(?: |$)/.exec(line)?.[1] ?? 0)
  if (status === 0) return { ExitCode: 1, Output: 'what answers does not speak HTTP/1.1' }
  return { ExitCode: status >= 200 && status < 400 ? 0 : 1, Output: line }
}
