import type { Rule } from '../rule.ts'

/** A description begins with the name of what it describes. */
export const invalidDefinitionDescription: Rule = {
  name: 'InvalidDefinitionDescription',
  isExperimental: true,
  check: function* ({ dockerfile }) {
    const stages = dockerfile.stages.flatMap(({ from, name }) =>
      name === undefined ? [] : { ...from, name },
    )
    const args = dockerfile.globals.flatMap(({ assignments, ...rest }) =>
      assignments.slice(0, 1).map(({ name }) => ({ ...rest, name })),
    )
    for (const { name, comments, range } of [...args, ...stages])
      if (comments.length > 0 && !comments.some(comment => comment.startsWith(`${name} `)))
        yield {
          range,
          summary: `the comment above describes "${name}", and does not begin with its name`,
          hint: 'leave an empty line between them if it does not',
        }
  },
}
