import { expect, test } from 'vitest'
import { parseChallenges } from './challenge.ts'

test('a bearer challenge tells where tokens are had', () => {
  const header =
    'Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push"'
  expect(parseChallenges(header)).toEqual([
    {
      scheme: 'bearer',
      parameters: {
        realm: 'https://auth.example.com/token',
        service: 'registry',
        scope: 'repository:a/b:pull,push',
      },
    },
  ])
})

test('several challenges stand in one header', () => {
  expect(parseChallenges('Basic realm="a, \\"b\\"", Bearer realm=x')).toEqual([
    { scheme: 'basic', parameters: { realm: 'a, "b"' } },
    { scheme: 'bearer', parameters: { realm: 'x' } },
  ])
})

test.each(['', '  ', '=', '"'])('%j has no challenge', header => {
  expect(parseChallenges(header)).toEqual([])
})
