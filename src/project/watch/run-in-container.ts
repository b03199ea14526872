import { once } from 'node:events'
import { StringDecoder } from 'node:string_decoder'
import type { Docker } from '../../client/index.ts'
import type { Hook } from '../../model/index.ts'
import { readOutput } from '../logs/output-stream.ts'

/** Runs a command to its end in a container that runs, and gives its output line by line; its exit status. */
export async function runInContainer(
  docker: Docker,
  id: string,
  { command = [], user, working_dir: folder, privileged = false, environment = {} }: Hook,
  onLine: (line: string) => void,
): Promise<number> {
  const exec = await docker.getContainer(id).exec({
    Cmd: command,
    Env: Object.entries(environment).map(([name, value]) => (value === null ? name : `${name}=${value}`)),
    Privileged: privileged,
    AttachStdout: true,
    AttachStderr: true,
    ...(user === undefined ? {} : { User: user }),
    ...(folder === undefined ? {} : { WorkingDir: folder }),
  })
  const stream = await exec.start({ hijack: true })
  const ended = once(stream, 'close')
  const lines = { stdout: lineCutter(onLine), stderr: lineCutter(onLine) }
  readOutput(
    stream,
    false,
    (kind, bytes) => lines[kind].write(bytes),
    () => undefined,
  )
  // Nothing is written to the command.
  stream.once('end', () => stream.destroy()).end()
  await ended
  for (const { end } of Object.values(lines)) end()
  const { ExitCode } = await exec.inspect()
  return ExitCode ?? -1
}

function lineCutter(onLine: (line: string) => void): { write(bytes: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    write: bytes => {
      const lines = (rest + decoder.write(bytes)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
    },
    end: () => {
      if (rest !== '') onLine(rest)
    },
  }
}
