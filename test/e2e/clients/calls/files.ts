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

/** All of them. */
export function readCaseFiles(): CaseFile[] {
  return readdirSync(FOLDER)
    .filter(name => name.endsWith('.calls'))
    .map(name => {
      const path = join(FOLDER, name)
      const text = readFileSync(path, 'utf8')
      return { path, text, cases: parseCases(text) }
    })
}
