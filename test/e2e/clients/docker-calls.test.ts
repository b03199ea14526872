import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { present, requires } from '../../requires.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { buildBusybox } from './calls/busybox.ts'
import { CLIENTS, clientAt, readCaseFiles } from './calls/files.ts'
import { play } from './calls/play.ts'
import { renderAnswer } from './calls/transcript.ts'

/** Where a client may be: the installed one, or what setup took out of Debian's package. */
const PLACES = [
  '/usr/local/bin/docker',
  '/usr/bin/docker',
  resolve('node_modules/.tools/docker.io/usr/bin/docker'),
]

const found = PLACES.filter(existsSync).map(path => ({ path, client: clientAt(path) }))
const NONE = { status: 0, stdout: [], stderr: [] }

// What the docker CLI prints and returns on our engine is what it does on Docker's, which `npm run compare:docker` has recorded.
describe.each(CLIENTS)('calls of the docker CLI %s', client => {
  const cli = found.find(each => each.client === client)?.path
  requires(present(`the Docker CLI ${client}`, cli)).describe('give what they give with Docker', () => {
    let sandbox: Sandbox

    beforeAll(async () => {
      sandbox = makeSandbox()
      sandbox.write('Dockerfile', 'FROM scratch\nLABEL starts=engine\n')
      sandbox.write('compose.yaml', 'services: {starter: {build: .}}\n')
      await sandbox.ok('build')
      await sandbox.hold()
      buildBusybox({ socketPath: sandbox.socket, cli: cli ?? '' })
    })
    afterAll(() => sandbox.close())

    for (const { path, cases } of readCaseFiles(client))
      describe(basename(path, '.calls'), () => {
        for (const each of cases)
          test(each.title, async () => {
            showLogOnFailure(sandbox)
            const answers = await play({ socketPath: sandbox.socket, cli: cli ?? '' }, each)
            const calls = each.calls.filter(({ prepares }) => !prepares)
            const ours = calls.map(({ command }, index) => [
              `$ ${command}`,
              ...renderAnswer(answers[index] ?? NONE),
            ])
            const dockers = calls.map(({ command, answer }) => [`$ ${command}`, ...renderAnswer(answer)])
            const isListed = (_: unknown, index: number): boolean => calls[index]?.differs !== undefined
            const isAlike = (_: unknown, index: number): boolean => calls[index]?.differs === undefined
            expect(ours.filter(isAlike).flat()).toEqual(dockers.filter(isAlike).flat())
            // What is the same by now leaves the list.
            for (const [index, lines] of ours.filter(isListed).entries())
              expect(lines).not.toEqual(dockers.filter(isListed)[index])
          })
      })
  })
})
