import { expect, test } from 'vitest'
import { readModelTypes, renderModelTypes } from './model-types.ts'

test.each([
  ...renderModelTypes().keys(),
])('src/model/types/%s is what the table of attributes makes: npm run build writes it', name => {
  expect(readModelTypes(name)).toBe(renderModelTypes().get(name))
})
