import { writeFileSync } from 'node:fs'
import { buildBusybox } from './busybox.ts'
import { clientAt, readCaseFiles } from './files.ts'
import { play, type Stage } from './play.ts'
import { type Answer, withAnswers } from './transcript.ts'

// `npm run compare:docker [-- part of a title]`, with DOCKER_HOST=unix://… of a Docker Engine that nobody else uses meanwhile:
// writes what Docker answers into the files of cases.

const stage: Stage = {
  socketPath: (process.env['DOCKER_HOST'] ?? '').replace('unix://', ''),
  cli: process.env['DOCKER_CLI'] ?? '/usr/local/bin/docker',
}
const [wanted = ''] = process.argv.slice(2)
const client = clientAt(stage.cli)
if (client === undefined) throw new Error(`there are no cases for the client ${stage.cli}`)

buildBusybox(stage)
for (const { path, text, cases } of readCaseFiles(client)) {
  const answers = new Map<string, readonly Answer[]>()
  for (const each of cases.filter(({ title }) => title.includes(wanted))) {
    try {
      answers.set(each.title, await play(stage, each))
    } catch (error) {
      process.stderr.write(`${each.title}: ${error}\n`)
      process.exitCode = 1
    }
  }
  writeFileSync(path, withAnswers(text, answers))
}
