// Print the words of the pages as JSON, in a language: those that take no numbers or names.
const [language, ...files] = process.argv.slice(2);
const found = {};
for (const file of files) Object.assign(found, (await import(file))[language]);
process.stdout.write(JSON.stringify(found));
