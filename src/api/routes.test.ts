import { expect, it } from 'vitest'
import { ROUTES, type Route, type RouteName } from './routes.ts'

const rows = Object.entries(ROUTES) as [RouteName, Route][]

it('no two routes are the same request', () => {
  const requests = rows.map(([, route]) => `${route.method} ${route.path.replace(/:[a-z]+\+?/g, ':')}`)
  expect(requests.filter((request, index) => requests.indexOf(request) !== index)).toEqual([])
})

it('only requests that may have a body have one', () => {
  for (const [name, route] of rows) {
    if (route.body !== undefined) expect(['POST', 'PUT'], name).toContain(route.method)
  }
})
