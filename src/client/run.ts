import type { ContainerCreateRequest, ContainerWaitResponse } from '../api/types/index.ts'
import type { Modem } from './modem/modem.ts'
import type { Container, ContainerOptions, CreateContainerOptions } from './objects/container.ts'

/** Where the output of `Docker.run` goes: one stream takes it as it comes, two take stdout and stderr apart. */
export type RunOutput =
  | NodeJS.WritableStream
  | readonly [NodeJS.WritableStream, NodeJS.WritableStream]
  | undefined

/** How a run ended, and the container that ran. */
export type RunResult = [ContainerWaitResponse, Container]

/** What `Docker.run` is asked for. */
export interface RunRequest {
  readonly image: string
  readonly command: readonly string[]
  readonly output: RunOutput
  readonly create?: CreateContainerOptions | undefined
  readonly start?: ContainerOptions<'containerStart'> | undefined
}

/** The part of the client that a run needs. */
export interface Runner {
  readonly modem: Modem
  createContainer(options: CreateContainerOptions): Promise<Container>
}

/** Creates a container, copies its output, starts it, and waits for its end. It is left to the caller to remove. */
export async function run(docker: Runner, request: RunRequest): Promise<RunResult> {
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
  const stream = await container.attach({ stream: true, stdout: true, stderr: true, hijack: true })
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('end', resolve)
    stream.once('error', reject)
  })
  if (isPair(output)) docker.modem.demuxStream(stream, output[0], output[1])
  else if (output !== undefined) stream.pipe(output, { end: true })
  else stream.resume()
  await container.start(start)
  const exit = await container.wait()
  // Whoever reads the output after this finds all of it.
  await ended
  return [exit, container]
}

function isPair(output: RunOutput): output is readonly [NodeJS.WritableStream, NodeJS.WritableStream] {
  return Array.isArray(output)
}
