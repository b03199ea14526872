import { type ExecFileOptions, execFile } from 'node:child_process'
import type { Result } from './sandbox.ts'

/** Runs a program to its end, with all of its input. One that a signal ended, or that could not be started, has the status 1. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ExecFileOptions,
  input: string | Buffer = '',
): Promise<Result> {
  return new Promise(resolve => {
    const child = execFile(file, args, { ...options, encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr })
    })
    // A program may end before it has read any of it.
    child.stdin?.on('error', () => undefined).end(input)
  })
}
