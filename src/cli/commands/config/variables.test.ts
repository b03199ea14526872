import { expect, test } from 'vitest'
import { renderVariables } from './variables.ts'

const FILES = ['/p/compose.yaml']
const of = (text: string): ReadonlyMap<string, string> => new Map([['/p/compose.yaml', text]])
const TEXT = 'services: {a: {image: "$A${B:-b}${C:?}", labels: ["${A_NAME_OF_MORE_THAN_20:+x}"]}}'

test('the table has columns of at least twenty, as Docker Compose prints it', () => {
  expect(renderVariables(of(TEXT), FILES, undefined).split('\n')).toEqual([
    'NAME                     REQUIRED            DEFAULT VALUE       ALTERNATE VALUE',
    'A                        false                                   ',
    'A_NAME_OF_MORE_THAN_20   false                                   x',
    'B                        false               b                   ',
    'C                        true                                    ',
    '',
  ])
})

test('YAML and JSON have keys of their own', () => {
  const one = of('services: {a: {image: "${B:-b}"}}')
  expect(renderVariables(one, FILES, 'yaml')).toBe(
    'B:\n    name: B\n    defaultvalue: b\n    presencevalue: ""\n    required: false\n',
  )
  expect(JSON.parse(renderVariables(one, FILES, 'json'))).toEqual({
    B: { Name: 'B', DefaultValue: 'b', PresenceValue: '', Required: false },
  })
})
