import { perService, type Rule } from '../rule.ts'

/** FIXED_CONTAINER_NAME */
export const fixedContainerName: Rule = {
  code: 'FIXED_CONTAINER_NAME',
  severity: 'note',
  about: 'A container has a fixed name: there is one on the whole machine',
  find: perService(function* ({ service, path }) {
    if (service.container_name === undefined) return
    yield {
      path: [...path, 'container_name'],
      summary: `a second checkout, test run or replica cannot start beside "${service.container_name}"`,
      hint: 'remove it: within the project the service is reached by its own name',
    }
  }),
}
