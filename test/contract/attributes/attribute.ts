import { describe, expect, test } from 'vitest'
import { renderJson, renderYaml } from '../../../src/cli/commands/config/render.ts'
import { type LoadResult, load } from '../../../src/parser/index.ts'

/** What a test file says of one attribute of a service. */
export interface AttributeSpec {
  /** Each form as written, and the canonical value that it stands for; undefined: it says nothing and is left out. */
  readonly forms: readonly (readonly [written: unknown, canonical: unknown])[]
  /** A base, an override, and what they make together. */
  readonly merges?: readonly (readonly [base: unknown, override: unknown, canonical: unknown])[]
  /** What is refused, and with which code. */
  readonly invalid?: readonly (readonly [written: unknown, code: string])[]
  /** Docker's JSON spells something otherwise there, so only YAML survives a round trip. */
  readonly yamlOnly?: boolean
  /** What else the service needs. */
  readonly service?: Readonly<Record<string, unknown>>
  /** What else the file needs: networks, volumes … */
  readonly file?: Readonly<Record<string, unknown>>
  /** Other services. */
  readonly others?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  /** Profiles that are active. */
  readonly profiles?: readonly string[]
}

/** Runs the tests that every attribute has: forms, merge, refusals, and that the output loads again to the same model. */
export function describeAttribute(name: string, spec: AttributeSpec): void {
  const file = (value: unknown): string =>
    JSON.stringify({
      services: { s: { image: 'x', ...spec.service, [name]: value }, ...spec.others },
      ...spec.file,
    })
  const open = (...texts: readonly string[]): LoadResult =>
    load({
      files: texts.map((text, index) => ({ name: `/p/${index}.yaml`, text })),
      workingDir: '/p',
      projectName: 'p',
      ...(spec.profiles === undefined ? {} : { profiles: spec.profiles }),
      env: { HOME: '/home/u', ...spec.env },
      readFile: path => spec.files?.[path],
    })
  const loadedValue = (result: LoadResult): unknown => {
    expect(result.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    const service = result.project?.model.services['s'] as Record<string, unknown> | undefined
    return service?.[name]
  }
  describe(name, () => {
    test.each(spec.forms)('%j means %j', (written, canonical) => {
      expect(loadedValue(open(file(written)))).toEqual(canonical)
    })
    test.each(spec.forms)('%j survives a round trip', written => {
      const model = open(file(written)).project?.model
      expect(model).toBeDefined()
      if (model === undefined) return
      if (!spec.yamlOnly) expect(open(renderJson(model)).project?.model).toEqual(model)
      expect(open(renderYaml(model)).project?.model).toEqual(model)
    })
    if (spec.merges)
      test.each(spec.merges)('%j under %j makes %j', (base, override, canonical) => {
        const over = JSON.stringify({ services: { s: { [name]: override } } })
        expect(loadedValue(open(file(base), over))).toEqual(canonical)
      })
    if (spec.invalid)
      test.each(spec.invalid)('%j is refused with %s', (written, code) => {
        const result = open(file(written))
        expect(result.project).toBeUndefined()
        expect(result.diagnostics.map(diagnostic => diagnostic.code)).toContain(code)
        expect(result.diagnostics.every(({ range }) => range?.file === '/p/0.yaml')).toBe(true)
      })
  })
}
