"""Reading and writing expressions: two lexers, one parser, one syntax tree, two printers."""
