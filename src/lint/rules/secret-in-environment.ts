import { writtenEnvironment } from '../facts/environment.ts'
import { isSecretName, isSecretValue } from '../facts/secret-names.ts'
import { perService, type Rule } from '../rule.ts'

/** SECRET_IN_ENVIRONMENT */
export const secretInEnvironment: Rule = {
  code: 'SECRET_IN_ENVIRONMENT',
  severity: 'warning',
  about: 'A password, token or key stands in the file as a variable of the container',
  find: perService(function* (subject) {
    for (const { name, value, path } of writtenEnvironment(subject)) {
      if (!isSecretName(name) || !isSecretValue(value)) continue
      // With a variable in it, it stands elsewhere, or is the default for everybody's first try.
      if (subject.project.origins.of(path)?.variables.length) continue
      yield {
        path,
        summary: `the value of ${name} is in the file, in "inspect", and in every process of the container`,
        hint: `take it from the environment, \${${name}:?}, or better: mount a secret and set ${name}_FILE where the image reads it`,
      }
    }
  }),
}
