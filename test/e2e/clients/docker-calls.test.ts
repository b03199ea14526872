import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { present, requires } from '../../requires.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { buildBusybox } from './calls/busybox.ts'
import { readCaseFiles } from './calls/files.ts'
import { play } from './calls/play.ts'
import { renderAnswer } from './calls/transcript.ts'

const CLI =
  process.env['DOCKER_CLI'] ?? ['/usr/local/bin/docker', '/usr/bin/docker'].find(path => existsSync(path))

// What the docker CLI prints and returns on our engine is what it does on Docker's, which `npm run compare:docker` has recorded.
requires(present('the Docker CLI', CLI)).describe('calls of the docker CLI', () => {
  let sandbox: Sandbox
  let held: Readable

  beforeAll(async () => {
    sandbox = makeSandbox()
    sandbox.write('Dockerfile', 'FROM scratch\nLABEL starts=engine\n')
    sandbox.write('compose.yaml', 'services: {starter: {build: .}}\n')
    await sandbox.ok('build')
    // An engine ends when nobody needs it: this client stays for as long as the tests run.
    held = await new Docker({ socketPath: sandbox.socket }).getEvents()
    held.on('error', () => undefined)
    buildBusybox({ socketPath: sandbox.socket, cli: CLI ?? '' })
  })
  afterAll(async () => {
    held.destroy()
    await sandbox.close()
  })

  for (const { path, cases } of readCaseFiles())
    describe(basename(path, '.calls'), () => {
      for (const each of cases)
        test(each.title, async () => {
          showLogOnFailure(sandbox)
          const answers = await play({ socketPath: sandbox.socket, cli: CLI ?? '' }, each)
          const calls = each.calls.filter(({ prepares }) => !prepares)
          const show = (index: number, lines: readonly string[]): string[] => [
            `$ ${calls[index]?.command}`,
            ...lines,
          ]
          const alike = calls.flatMap(({ differs }, index) => (differs === undefined ? [index] : []))
          expect(alike.flatMap(index => show(index, renderAnswer(answers[index] ?? NONE)))).toEqual(
            alike.flatMap(index => show(index, renderAnswer(calls[index]?.answer ?? NONE))),
          )
          for (const [index, { answer, differs }] of calls.entries())
            if (differs !== undefined)
              expect(renderAnswer(answers[index] ?? NONE)).not.toEqual(renderAnswer(answer))
        })
    })
})

const NONE = { status: 0, stdout: [], stderr: [] }
