/** What is wrong with an expression, without its text; the evaluator adds that. */
export class MathError extends Error {}
