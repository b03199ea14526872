import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { present, requires } from '../../test/requires.ts'
import type { Diagnostic } from '../diagnostics/index.ts'
import { load } from './index.ts'
import { KINDS, type Kind, type Mutant, mutants } from './testing/mutate.ts'

/** `MUTANTS=2000 MUTANTS_SEED=7 npx vitest run --project unit src/parser/mutants` tries more of them, and others. */
const COUNT = Number(process.env['MUTANTS'] ?? 200)
const SEED = Number(process.env['MUTANTS_SEED'] ?? 1)
const WANTED = 0.95

const FIXTURES = fileURLToPath(new URL('testing/fixtures/', import.meta.url))
const CORPUS = fileURLToPath(new URL('../../../shared/corpus/files/', import.meta.url))

describe('a file with one thing wrong', () => {
  const fixtures = readFiles(FIXTURES, readdirSync(FIXTURES))

  test('is right before it is changed', () => {
    for (const [file, text] of Object.entries(fixtures)) expect([file, errorsOf(text)]).toEqual([file, []])
  })

  test.each(KINDS)('is told by its line and its cause: %s', { timeout: 600_000 }, kind => {
    const { right, wrong } = judge(fixtures, kind, COUNT / KINDS.length)
    expect(right + wrong.length).toBe(COUNT / KINDS.length)
    expect(right / (right + wrong.length), wrong.join('\n')).toBeGreaterThanOrEqual(WANTED)
  })

  // Files of others, where they lie beside the checkout: half of the cases, since some files have oddities of their own.
  requires(
    present('the corpus of recorded Compose files', CORPUS),
  ).test('is told in files that others wrote', { timeout: 600_000 }, () => {
    const names = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter(name =>
      /\.ya?ml$/.test(name),
    )
    const valid = Object.entries(readFiles(CORPUS, names)).filter(([, text]) => isPlain(text))
    const results = KINDS.map(kind => judge(Object.fromEntries(valid), kind, COUNT / KINDS.length / 2))
    const right = results.reduce((sum, result) => sum + result.right, 0)
    const wrong = results.flatMap(result => result.wrong)
    expect(right / (right + wrong.length), wrong.join('\n')).toBeGreaterThanOrEqual(WANTED)
  })
})

/** As many real mutants as wanted; a changed text that is still right is none. */
function judge(
  files: Readonly<Record<string, string>>,
  kind: Kind,
  wanted: number,
): { right: number; wrong: string[] } {
  let right = 0
  const wrong: string[] = []
  for (const mutant of fc.sample(mutants(files, kind), { numRuns: wanted * 2, seed: SEED })) {
    if (right + wrong.length >= wanted) break
    const [first] = errorsOf(mutant.text)
    if (first === undefined) continue
    if (first.range?.start.line === mutant.line && mutant.cause.test(`${first.summary} ${first.hint ?? ''}`))
      right += 1
    else wrong.push(describeMiss(mutant, first))
  }
  return { right, wrong }
}

function describeMiss({ file, line, was, kind }: Mutant, { code, range, summary, hint }: Diagnostic): string {
  return `${kind} ${file}:${line} "${was.trim()}": ${range?.start.line} ${code} ${summary} (${hint ?? 'no hint'})`
}

function errorsOf(text: string): readonly Diagnostic[] {
  const { diagnostics } = load({
    files: [{ name: '/p/compose.yaml', text }],
    workingDir: '/p',
    projectName: 'p',
    env: {},
    profiles: ['*'],
  })
  return diagnostics.filter(({ severity }) => severity === 'error')
}

/** Valid alone, and written without flow collections at large and without anchors, whose place is elsewhere. */
function isPlain(text: string): boolean {
  return text.length < 20_000 && !/[&*{]|\t|\r/.test(text) && errorsOf(text).length === 0
}

function readFiles(folder: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map(name => [name, readFileSync(`${folder}/${name}`, 'utf8')]))
}
