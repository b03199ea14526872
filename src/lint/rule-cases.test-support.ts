import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../diagnostics/index.ts'
import { load } from '../parser/index.ts'
import { lint } from './index.ts'

/** A Compose file, or files of which the later ones override the earlier. */
export type Texts = string | readonly string[]

/** What one rule finds, and what it lets pass. */
export interface RuleCases {
  /** By what is wrong: the texts, and the paths of the findings. */
  readonly found: Readonly<Record<string, readonly [texts: Texts, ...paths: string[]]>>
  /** By why nothing is wrong. */
  readonly passed: Readonly<Record<string, Texts>>
}

/** Services in flow style, as a file of their own. */
export function services(text: string): string {
  return `services: {${text}}`
}

/** The findings in files of a folder /p. */
export function findingsIn(texts: Texts): Diagnostic[] {
  const files = [texts].flat().map((text, index) => ({ name: `/p/${index}.yaml`, text }))
  const { project, diagnostics, sources } = load({
    files,
    workingDir: '/p',
    projectName: 'p',
    env: { HOME: '/home/me', PG_PASSWORD: 'of the environment' },
    readFile: path => (path === '/p/secrets.env' ? 'DB_PASSWORD=hunter2\nVERSION="1.10"\n' : undefined),
    options: { allResources: true },
  })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return project ? lint(project, { sources, diagnostics }) : []
}

/** Runs the cases of one rule; other rules may find what they like. */
export function describeRule(code: string, { found, passed }: RuleCases): void {
  const pathsIn = (texts: Texts): (string | undefined)[] =>
    findingsIn(texts)
      .filter(each => each.code === code)
      .map(({ path }) => path)
  describe(code, () => {
    test.each(Object.entries(found))('finds %s', (_, [texts, ...paths]) => {
      expect(pathsIn(texts)).toEqual(paths)
      for (const finding of findingsIn(texts).filter(each => each.code === code))
        expect(finding).toMatchObject({
          range: { file: expect.stringMatching(/^\/p\//) },
          hint: expect.any(String),
        })
    })
    test.each(Object.entries(passed))('lets pass %s', (_, texts) => {
      expect(pathsIn(texts)).toEqual([])
    })
  })
}
