"""Stage: learns word vectors from the corpus."""
