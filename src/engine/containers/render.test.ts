import { expect, test } from 'vitest'
import { renderHostConfig } from './render.ts'

test('a log driver is always told', () => {
  expect(renderHostConfig({}).LogConfig).toEqual({ Type: 'json-file', Config: {} })
  expect(renderHostConfig({ LogConfig: { Type: 'none' } }).LogConfig).toEqual({ Type: 'none', Config: {} })
})
