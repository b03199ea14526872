import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Case, parseCases } from './transcript.ts'

/** A file of cases. */
export interface CaseFile {
  readonly path: string
  readonly text: string
  readonly cases: readonly Case[]
}

const FOLDER = resolve('test/e2e/clients/calls')

/** Clients word some of what they print themselves, so each has answers of its own. */
export const CLIENTS = ['28', '20.10'] as const

export type Client = (typeof CLIENTS)[number]

/** Which of them a docker CLI is; undefined for another. */
export function clientAt(path: string): Client | undefined {
  const text = execFileSync(path, ['--version'], { encoding: 'utf8' })
  return CLIENTS.find(each => text.startsWith(`Docker version ${each}.`))
}

/** All cases of a client. */
export function readCaseFiles(client: Client): CaseFile[] {
  const folder = join(FOLDER, `docker-${client}`)
  return readdirSync(folder)
    .filter(name => name.endsWith('.calls'))
    .map(name => {
      const path = join(folder, name)
      const text = readFileSync(path, 'utf8')
      return { path, text, cases: parseCases(text) }
    })
}
