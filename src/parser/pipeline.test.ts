import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROJECT_PASSES } from './load.ts'
import { DOCUMENT_PASSES, MODEL_PASSES } from './model-pipeline.ts'

test('the README lists the passes in their order', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ')
  for (const passes of [DOCUMENT_PASSES, MODEL_PASSES, PROJECT_PASSES])
    expect(readme).toContain(`${passes.map(({ name }) => name).join(', ')}.`)
})
