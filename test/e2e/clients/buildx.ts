import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runProgram } from '../harness/run-program.ts'
import type { Result, Sandbox } from '../harness/sandbox.ts'

/** The program of the plugin, which is a command by itself, too. Name another one in DOCKER_BUILDX. */
export const BUILDX: string | undefined = [
  process.env['DOCKER_BUILDX'] ?? '',
  'node_modules/.tools/docker-buildx/usr/libexec/docker/cli-plugins/docker-buildx',
  '/usr/libexec/docker/cli-plugins/docker-buildx',
  '/usr/lib/docker/cli-plugins/docker-buildx',
].find(path => path !== '' && existsSync(path))

/** Runs it in the project folder of a sandbox, against its engine. */
export interface Buildx {
  readonly environment: NodeJS.ProcessEnv
  run(args: readonly string[], input?: string): Promise<Result>
  /** Its standard output; it has to succeed. */
  ok(args: readonly string[], input?: string): Promise<string>
}

/** Buildx against the engine of a sandbox. */
export function buildxIn(sandbox: Sandbox, own: Readonly<Record<string, string>> = {}): Buildx {
  const environment = {
    PATH: process.env['PATH'],
    HOME: sandbox.folder,
    DOCKER_HOST: `unix://${sandbox.socket}`,
    BUILDX_CONFIG: join(sandbox.folder, '..', 'buildx'),
    BUILDKIT_PROGRESS: 'plain',
    ...own,
  }
  const run: Buildx['run'] = (args, input = '') => {
    const limits = { timeout: 120_000, maxBuffer: 64 * 1024 * 1024 }
    return runProgram(BUILDX ?? '', args, { env: environment, cwd: sandbox.folder, ...limits }, input)
  }
  return {
    environment,
    run,
    ok: async (args, input) => {
      const { status, stdout, stderr } = await run(args, input)
      expect({ args, status, stderr }).toMatchObject({ status: 0 })
      return stdout.trim()
    },
  }
}
