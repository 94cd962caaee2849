// Reads a JSON list of formulas on standard input, writes a JSON list: null where KaTeX sets it, else the error.
const katex = require('katex');

const settings = { displayMode: true, throwOnError: true, strict: 'error', trust: false };

function problem(formula) {
  try {
    katex.renderToString(formula, settings);
    return null;
  } catch (error) {
    return String((error && error.message) || error);
  }
}

const formulas = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(formulas.map(problem)));
