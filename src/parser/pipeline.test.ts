import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROJECT_STAGES } from './load.ts'
import { DOCUMENT_STAGES, MODEL_STAGES } from './model-pipeline.ts'

test('the README lists the stages in their order', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ')
  for (const stages of [DOCUMENT_STAGES, MODEL_STAGES, PROJECT_STAGES])
    expect(readme).toContain(`${stages.map(({ name }) => name).join(', ')}.`)
})
