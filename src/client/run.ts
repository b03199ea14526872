import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { ContainerCreateRequest, ContainerWaitResponse } from '../api/types/index.ts'
import type { Options } from './calls/call.ts'
import type { Modem } from './modem/modem.ts'
import type { Container, CreateContainerOptions } from './objects/container.ts'

/** Where the output of `Docker.run` goes: one stream takes it as it comes, two take stdout and stderr apart. */
export type RunOutput = NodeJS.WritableStream | readonly NodeJS.WritableStream[] | undefined | null

/** How a run ended, and the container that ran. */
export type RunResult = [ContainerWaitResponse, Container]

/** Hears how a run went; the container is there as soon as it was created. */
export type RunCallback = Listener['hear']

/** As a method, so that callers may name the kind of error that they know of. */
interface Listener {
  hear(error: Error | null, data?: ContainerWaitResponse | null, container?: Container): void
}

/** What is told of a run on its way. */
interface RunEvents {
  container: [container: Container]
  stream: [stream: Duplex]
  start: [container: Container]
  data: [data: ContainerWaitResponse]
}

/** Tells of a run: `container` when it has been created, `stream` of its output, `start`, and `data` of its end. */
export type RunEmitter = EventEmitter<RunEvents>

/** What `Docker.run` is asked for. */
export interface RunRequest {
  readonly image: string
  readonly command: readonly string[] | undefined
  readonly output: RunOutput
  readonly create?: CreateContainerOptions | undefined
  readonly start?: Options<'containerStart'> | undefined
}

/** The part of the client that a run needs. */
export interface Runner {
  readonly modem: Pick<Modem, 'demuxStream'>
  createContainer(options: CreateContainerOptions): Promise<Container>
}

/** Begins a run and tells of it, to its end. */
export function runWithCallback(docker: Runner, request: RunRequest, callback: RunCallback): RunEmitter {
  const emitter: RunEmitter = new EventEmitter()
  let created: Container | undefined
  emitter.once('container', container => {
    created = container
  })
  const tell = <N extends keyof RunEvents>(name: N, value: RunEvents[N][0]): void =>
    void (emitter as EventEmitter).emit(name, value)
  // On a tick of its own: what the callback throws must not become a rejection.
  run(docker, request, tell).then(
    ([data, container]) => process.nextTick(callback, null, data, container),
    error => process.nextTick(callback, error, null, created),
  )
  return emitter
}

/** Tells of one thing on the way. */
type Tell = <N extends keyof RunEvents>(name: N, value: RunEvents[N][0]) => void

/** Creates a container, copies its output, starts it, and waits for its end. It is left to the caller to remove. */
export async function run(
  docker: Runner,
  request: RunRequest,
  tell: Tell = () => undefined,
): Promise<RunResult> {
  const { image, command, output, create, start } = request
  // One stream for both means a terminal, as dockerode has it: without one there would be frames in the stream.
  const defaults: ContainerCreateRequest = { Tty: !isPair(output), OpenStdin: false, StdinOnce: false }
  const container = await docker.createContainer({
    ...defaults,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Image: image,
    Cmd: command,
    ...create,
  })
  tell('container', container)
  const stream = await container.attach({ stream: true, stdout: true, stderr: true, hijack: true })
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('end', resolve)
    stream.once('error', reject)
  })
  // Whoever waits for the start hears of its failure first.
  ended.catch(() => undefined)
  tell('stream', stream)
  copy(docker, stream, output)
  await container.start(start).catch(error => {
    stream.destroy()
    throw error
  })
  tell('start', container)
  const exit = await container.wait()
  // Whoever reads the output after this finds all of it.
  await ended
  tell('data', exit)
  return [exit, container]
}

function copy({ modem }: Runner, stream: Duplex, output: RunOutput): void {
  if (isPair(output)) {
    const [stdout, stderr] = output
    modem.demuxStream(stream, stdout, stderr)
    stream.once('end', () => {
      for (const target of new Set([stdout, stderr])) endOf(target)
    })
  } else if (output !== undefined && output !== null) {
    stream.pipe(output as NodeJS.WritableStream, { end: true })
  } else stream.resume()
}

/** A process's own output cannot be ended. */
function endOf(target: NodeJS.WritableStream): void {
  if (target !== process.stdout && target !== process.stderr) target.end()
}

function isPair(output: RunOutput): output is readonly [NodeJS.WritableStream, NodeJS.WritableStream] {
  return Array.isArray(output)
}
