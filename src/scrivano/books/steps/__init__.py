"""The steps of a book, one module for each part of the trade: plan, write, check, compose, bind."""
